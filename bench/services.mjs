import { cpSync, existsSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { root } from "../scripts/tools.mjs"
import { bundle, ownConfig } from "./bundle.mjs"
import { output, spawnGroup } from "./processes.mjs"

const startTimeoutMillis = 60_000
const seedSource = join(root, "..", "shared", "bench", "seed-hono")
/** The seed's configuration allows it; ours is told to. */
const apiKey = "bench-key-1"

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const isUp = (url) => fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).then(({ ok }) => ok, () => false)

/** Starts a bundled Worker on a database of its own. Edits of its sources don't restart it in the middle. */
const startWorker = async ({ name, script, config, directory, options = [] }) => {
  const state = ["--config", config, "--persist-to", join(directory, `${name}-state`)]
  await output("wrangler", ["d1", "migrations", "apply", "DB", "--local", ...state])
  const port = await freePort()
  const settings = {
    "name": `bench-${name}`,
    "ip": "127.0.0.1",
    "port": port,
    "inspector-port": 0,
    "log-level": "warn",
    "show-interactive-dev-session": false
  }
  const child = spawnGroup("wrangler", [
    "dev",
    script,
    "--no-bundle",
    ...state,
    ...Object.entries(settings).map(([setting, value]) => `--${setting}=${value}`),
    ...options
  ], { stdio: "ignore" })
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + startTimeoutMillis
  while (!(await isUp(url))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${name} did not start`)
    await sleep(100)
  }
  return { url, apiKey }
}

/** Starts this service's bundle with its executions on `objects` objects; 0: on one each. */
export const startOrchestrator = async (name, objects, script, directory) => {
  const envFile = join(directory, `${name}.env`)
  writeFileSync(
    envFile,
    [
      `API_ALLOWED_KEYS="${apiKey}"`,
      `EXECUTION_OBJECTS="${objects}"`,
      "OUTBOUND_ALLOW_HOSTS=\"127.0.0.1\"",
      "RATE_LIMIT_MAX_REQUESTS=\"1000000000\""
    ].join("\n")
  )
  const service = await startWorker({ name, script, config: ownConfig, directory, options: ["--env-file", envFile] })
  return { ...service, name, ...orchestrator }
}

/** Starts the baseline, if its folder is beside the repository. */
export const startSeed = async (directory) => {
  if (!existsSync(seedSource)) return undefined
  const folder = join(directory, "seed-hono")
  cpSync(seedSource, folder, { recursive: true })
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  const install = ["install", "--omit=dev", "--no-audit", "--no-fund", "--prefer-offline"]
  await (npm && node ? output(node, [npm, ...install], { cwd: folder }) : output("npm", install, { cwd: folder }))
  const config = join(folder, "wrangler.jsonc")
  const script = await bundle(config, join(directory, "seed-hono-bundle"))
  return { ...await startWorker({ name: "seed-hono", script, config, directory }), name: "seed-hono", ...seed }
}

const job = { tenantId: "bench", name: "bench job", description: "fetch, filter, pick, sort" }
const fetchStep = (items) => ({ id: "fetch", type: "http-request", order: 1, config: { url: items, method: "GET" } })
const filterStep = {
  id: "filter",
  type: "transform",
  order: 2,
  config: { operation: "filter", field: "status", operator: "eq", value: "active" }
}

/** How this service spells the job and reads its answers. */
const orchestrator = {
  workflow: (items) => ({
    ...job,
    steps: [
      fetchStep(items),
      filterStep,
      { id: "pick", type: "transform", order: 3, config: { operation: "map", fields: ["id", "name"] } },
      { id: "sort", type: "transform", order: 4, config: { operation: "sort", field: "name" } }
    ]
  }),
  executeHeaders: { prefer: "wait=10" },
  created: (body) => body,
  outputs: (execution) => execution.outputs?.sort
}

/** How the baseline does: its steps run within the request, nothing is journaled. */
const seed = {
  workflow: (items) => ({
    ...job,
    steps: [
      fetchStep(items),
      filterStep,
      {
        id: "pick",
        type: "transform",
        order: 3,
        config: { operation: "pick-sort", fields: ["id", "name"], sortBy: "name" }
      }
    ]
  }),
  executeHeaders: {},
  created: (body) => body.data,
  outputs: (execution) => execution.outputs
}
