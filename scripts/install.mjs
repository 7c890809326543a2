import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./tools.mjs"

const lockfile = join(root, "package-lock.json")
const stamp = join(root, "node_modules", ".installed")
const npmsRecord = join(root, "node_modules", ".package-lock.json")

const wanted = () => {
  const { dependencies, devDependencies, overrides } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  return createHash("sha256")
    .update(JSON.stringify({ dependencies, devDependencies, overrides }))
    .update(readFileSync(lockfile))
    .digest("hex")
}

const installed = () => {
  try {
    return readFileSync(stamp, "utf8")
  } catch {
    return undefined
  }
}

const installedByHand = () => {
  const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return modified(npmsRecord) > Math.max(modified(lockfile), modified(join(root, "package.json")), modified(stamp))
}

/** Runs `npm ci` unless node_modules is what package.json and the lockfile ask for. */
export const ensureInstalled = () => {
  const hash = wanted()
  if (installed() === hash) return
  if (!installedByHand()) {
    process.stderr.write("Installing dependencies (once, about a minute) …\n")
    npmCi()
  }
  writeFileSync(stamp, hash)
}

const npmCi = () => {
  // npm tells which npm and which Node run this script; that Node stays while node_modules is replaced.
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  const [command, args] = npm && node ? [node, [npm, "ci"]] : ["npm", ["ci"]]
  const { error, status, stderr, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    shell: command === "npm" && process.platform === "win32"
  })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}\n`)
  console.error("Installing the dependencies failed: see above. `npm ci` tries it again.")
  process.exit(1)
}
