// `npm run bench`: how large the Worker is, how fast it starts, what a step costs, and how the service compares with a
// plain one that does without durability. `npm run bench -- --quick` is for a first look. Everything is on loopback.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureAssets } from "../scripts/assets.mjs"
import { ensureInstalled } from "../scripts/install.mjs"
import { bundle, measureStartup, ownConfig, sizeOf } from "./bundle.mjs"
import { compare, table } from "./compare.mjs"
import { output, stopAll } from "./processes.mjs"
import { startOrchestrator, startSeed } from "./services.mjs"
import { startUpstream } from "./upstream.mjs"

const quick = process.argv.includes("--quick")
const settings = quick
  ? { concurrency: 32, rounds: 2, sequenceMillis: 300, throughputMillis: 500, warmUpMillis: 200 }
  : { concurrency: 32, rounds: 5, sequenceMillis: 800, throughputMillis: 1_600, warmUpMillis: 500 }

const directory = mkdtempSync(join(tmpdir(), "orchestrator-bench-"))

let ending = false
const end = async (code, error) => {
  if (ending) return
  ending = true
  if (error !== undefined) console.error(error)
  await stopAll()
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  process.exit(code)
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => end(130))

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`

const main = async () => {
  ensureInstalled()
  await ensureAssets()

  const script = await bundle(ownConfig, join(directory, "bundle"))
  const { gzip, minified } = sizeOf(script)
  console.log(`Bundle: ${kilobytes(minified)} minified, ${kilobytes(gzip)} gzip (limit 672 KB)`)
  console.log(`Start-up: ${await measureStartup(directory)} of CPU in the local workerd (wrangler check startup)`)
  console.log("Engine, in memory:")
  process.stdout.write(await output("node", [join("bench", "engine.mjs"), ...(quick ? ["--quick"] : [])]))

  const [seed, own, shared] = await Promise.all([
    startSeed(directory).catch((error) => console.error(error.message)),
    startOrchestrator("own-object", 0, script, directory),
    startOrchestrator("8-objects", 8, script, directory)
  ])
  if (seed === undefined) console.log("Without the baseline (../shared/bench/seed-hono): the service alone.")
  const services = [...(seed === undefined ? [] : [seed]), own, { ...shared, executesOnly: true }]

  const cells = await compare(services, await startUpstream(), settings)
  const { concurrency, rounds } = settings
  console.log(
    `\nMedians of ${rounds} interleaved rounds; latency of single calls, throughput of ${concurrency} at once`
  )
  console.log(table(cells, seed))
}

main().then(() => end(0), (error) => end(1, error))
