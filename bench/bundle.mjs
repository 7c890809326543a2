import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { root } from "../scripts/tools.mjs"
import { output } from "./processes.mjs"

export const ownConfig = join(root, "wrangler.toml")

/** Bundles a Worker as `wrangler deploy` does; gives the script's path. */
export const bundle = async (config, outdir) => {
  await output("wrangler", ["deploy", "--dry-run", "--config", config, "--outdir", outdir])
  return join(outdir, readdirSync(outdir).find((name) => name.endsWith(".js")))
}

/** Bytes of a bundled Worker. */
export const sizeOf = (script) => {
  const text = readFileSync(script)
  return { minified: text.length, gzip: gzipSync(text).length }
}

/** For how long the Worker keeps its thread busy at its start, by a CPU profile in the local workerd. */
export const measureStartup = async (directory) => {
  const text = await output("wrangler", ["check", "startup", "--outfile", join(directory, "startup.cpuprofile")])
  return /Active: ([\d.]+ \S+)/.exec(text)?.[1] ?? "not told"
}
