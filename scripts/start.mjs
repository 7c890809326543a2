// `npm start`: the service on this machine, from nothing; `--watch` shows the Worker's logs. May be set: PORT, STATE_DIR
// (where everything is kept), DEV_VARS (a file to take the configuration from, in place of .dev.vars) and INSPECTOR_PORT.
import { randomBytes, randomInt } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { ensureAssets } from "./assets.mjs"
import { ensureInstalled } from "./install.mjs"
import { root, runQuietly, start } from "./tools.mjs"

const port = Number(process.env.PORT ?? 8787)
const url = `http://localhost:${port}`
const localUrl = `http://127.0.0.1:${port}`
const stateDir = process.env.STATE_DIR ?? join(".wrangler", "state")
const devVars = process.env.DEV_VARS
const devVarsPath = resolve(root, devVars ?? ".dev.vars")
const watch = process.argv.includes("--watch")
/** Any free one, so that two services that start at once don't want the same; with `--watch` where debuggers look for it. */
const inspectorPort = process.env.INSPECTOR_PORT || (watch ? undefined : "0")
const startTimeoutSeconds = 60
const stopTimeoutSeconds = 5

const fail = (message) => {
  console.error(message)
  process.exit(1)
}

const checkPort = () =>
  new Promise((resolve) => {
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      fail(`PORT must be a port number, not "${process.env.PORT}".`)
    }
    const server = createServer()
    server.once("error", ({ code }) =>
      fail(
        code === "EADDRINUSE"
          ? `Port ${port} is in use. Another one: PORT=${port + 1} npm start`
          : `Port ${port} can't be used (${code}). Another one: PORT=8788 npm start`
      ))
    server.listen(port, "127.0.0.1", () => server.close(resolve))
  })

/** Makes .dev.vars on the first start and gives its key; an existing file stays as it is. */
const ensureDevVars = () => {
  if (existsSync(devVarsPath)) return undefined
  if (devVars !== undefined) fail(`DEV_VARS names a file that isn't there: ${devVarsPath}`)
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  const key = "atlas_" + Array.from({ length: 32 }, () => alphabet[randomInt(alphabet.length)]).join("")
  const generated = { API_ALLOWED_KEYS: key, SECRETS_KEY: randomBytes(32).toString("base64") }
  const example = readFileSync(join(root, ".dev.vars.example"), "utf8")
  const vars = example.replace(/^(\w+)="<generated>"$/gm, (_, name) => `${name}="${generated[name]}"`)
  writeFileSync(devVarsPath, vars, { mode: 0o600 })
  return key
}

const migrate = async () => {
  const code = await runQuietly("node", ["--no-warnings", join("scripts", "migrate.mjs"), stateDir])
  if (code !== 0) fail("The database could not be prepared: see above.")
}

const startWrangler = () => {
  const options = {
    "port": port,
    "ip": "127.0.0.1",
    "persist-to": stateDir,
    ...(devVars === undefined ? {} : { "env-file": devVarsPath }), // without it wrangler reads .dev.vars
    "log-level": watch ? "log" : "warn",
    ...(inspectorPort === undefined ? {} : { "inspector-port": inspectorPort }),
    "show-interactive-dev-session": false,
    "test-scheduled": true // says that somebody drives the cron trigger, see driveCron
  }
  return start("wrangler", ["dev", ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)], {
    stdio: ["ignore", "inherit", "inherit"],
    detached: true // a process group of its own: wrangler and workerd are stopped together
  })
}

const signalGroup = (child, signal) => {
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal)
  } catch {
    // the group has gone already
  }
}

const stop = async (child) => {
  signalGroup(child, "SIGTERM")
  await Promise.race([child.exited, sleep(stopTimeoutSeconds * 1000)])
  signalGroup(child, "SIGKILL")
}

const giveUp = async (child, message) => {
  child.removeAllListeners("exit")
  const exited = new Promise((resolve) => child.once("exit", resolve))
  console.error(message)
  signalGroup(child, "SIGTERM")
  await Promise.race([exited, sleep(stopTimeoutSeconds * 1000)])
  signalGroup(child, "SIGKILL")
  process.exit(1)
}

/** The status of GET /health; undefined: nobody answers yet. */
const health = async () => {
  try {
    const response = await fetch(`${localUrl}/health`, { signal: AbortSignal.timeout(2000) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return undefined
  }
}

/** A Worker that answers 500 can't start (a variable is wrong, say), and has said so by then. */
const waitUntilHealthy = async (child) => {
  const deadline = Date.now() + startTimeoutSeconds * 1000
  while (Date.now() < deadline) {
    const status = await health()
    if (status === 200) return
    if (status === 500) return giveUp(child, "The service can't start: the message above says why.")
    await sleep(200)
  }
  await giveUp(
    child,
    `The service did not answer GET ${url}/health with 200 within ${startTimeoutSeconds} s: see above.`
  )
}

const greet = (newKey) => {
  console.log(`
  AtlasIT Orchestrator is running.

    API       ${url}/api
    MCP       ${url}/mcp
    Docs      ${url}/docs
    API key   ${newKey ?? `in ${devVars ?? ".dev.vars"} (API_ALLOWED_KEYS)`}
`)
  if (newKey !== undefined) {
    console.log(`  The key is printed this once and kept in .dev.vars. Try it:

    curl ${url}/api/workflows -H "X-API-Key: ${newKey}"
`)
  }
  console.log("  Ctrl+C stops it. Everything is kept for the next start.\n")
}

/** Cloudflare calls the Worker's `scheduled` once a minute; on this machine nobody else does. */
const driveCron = async () => {
  while (true) {
    await sleep(60_000 - Date.now() % 60_000)
    await fetch(`${localUrl}/cdn-cgi/local/scheduled`, { signal: AbortSignal.timeout(50_000) }).then(
      (response) => response.arrayBuffer(),
      () => undefined
    )
  }
}

ensureInstalled()
await ensureAssets()
await checkPort()
const newKey = ensureDevVars()
await migrate()

const child = startWrangler()
let stopping = false
child.exited = new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)))
child.exited.then((code) => {
  signalGroup(child, "SIGKILL")
  process.exit(stopping ? 0 : code)
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    stopping = true
    stop(child)
  })
}

await waitUntilHealthy(child)
greet(newKey)
await driveCron()
