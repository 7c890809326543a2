import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "./tools.mjs"

const source = join(root, "node_modules", "effect", "dist", "http-api", "internal", "httpApiScalar.js")
const target = join(root, ".assets", "docs", "scalar.js")

/** Writes the docs page's script, so that /docs works without internet and the Worker doesn't carry its 3 MB. */
export const ensureAssets = async () => {
  if (existsSync(target) && statSync(target).mtimeMs >= statSync(source).mtimeMs) return
  const { javascript } = await import(pathToFileURL(source).href)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, javascript)
}
