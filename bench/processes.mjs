import { setTimeout as sleep } from "node:timers/promises"
import { start } from "../scripts/tools.mjs"

const stopTimeoutMillis = 5_000
const running = new Set()

/** Starts a tool in a process group of its own, so that it is stopped with all that it started. */
export const spawnGroup = (tool, args, options) => {
  const child = start(tool, args, { detached: true, ...options })
  running.add(child)
  child.exited = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message))
    child.once("exit", (code, signal) => resolve(code ?? signal))
  })
  child.exited.then(() => running.delete(child))
  return child
}

/** Runs a tool to its end and gives what it printed; throws with that if it fails. */
export const output = async (tool, args, options) => {
  const child = spawnGroup(tool, args, { stdio: ["ignore", "pipe", "pipe"], ...options })
  const chunks = []
  child.stdout.on("data", (chunk) => chunks.push(chunk))
  child.stderr.on("data", (chunk) => chunks.push(chunk))
  const code = await child.exited
  const text = Buffer.concat(chunks).toString()
  if (code !== 0) throw new Error(`${tool} ${args.join(" ")} ended with ${code}:\n${text}`)
  return text
}

const signalGroup = (child, signal) => {
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal)
  } catch {
    // the group has gone already
  }
}

/** Ends everything that was started and is still there. */
export const stopAll = async () => {
  const children = [...running]
  for (const child of children) signalGroup(child, "SIGTERM")
  await Promise.race([Promise.all(children.map(({ exited }) => exited)), sleep(stopTimeoutMillis)])
  for (const child of children) signalGroup(child, "SIGKILL")
}
