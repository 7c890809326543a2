import { spawn } from "node:child_process"
import { once } from "node:events"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))

const bin = join(root, "node_modules", ".bin")

const env = {
  ...process.env,
  // The `node` package comes first, so that every tool runs on its Node 24 whatever the machine has.
  PATH: bin + delimiter + process.env.PATH,
  WRANGLER_HIDE_BANNER: "true", // with the banner goes the check for a newer version
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_REGISTRY_PATH: join(root, ".wrangler", "registry"),
  CLOUDFLARE_CF_FETCH_ENABLED: "false", // a sample `request.cf` instead of one from the internet
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false"
}

/** Starts a tool of node_modules/.bin in the repository's root. */
export const start = (tool, args, options = {}) =>
  spawn(tool, args, { cwd: root, env, stdio: "inherit", shell: process.platform === "win32", ...options })

/** Runs a tool to its end and gives its exit code. */
export const run = async (tool, args) => {
  const [code] = await once(start(tool, args), "exit")
  return code ?? 1
}

/** Runs a tool in silence; its output is printed only if it fails. Gives its exit code. */
export const runQuietly = async (tool, args) => {
  const child = start(tool, args, { stdio: ["ignore", "pipe", "pipe"] })
  const output = []
  child.stdout.on("data", (chunk) => output.push(chunk))
  child.stderr.on("data", (chunk) => output.push(chunk))
  const [code] = await once(child, "close")
  if (code !== 0) process.stderr.write(Buffer.concat(output))
  return code ?? 1
}
