// Walks through the README's tour in a fresh copy of the repository, and compares every answer with the one printed there.
import { Effect } from "effect"
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { greet } from "../docs/client.ts"
import { blocks, read, root, section } from "../docs/repository.ts"
import { freePort, isListening } from "./harness/Ports.ts"
import { familyOf, killHard } from "./harness/Processes.ts"
import { isObject, shortened } from "./harness/Shortened.ts"
import { until } from "./harness/Until.ts"

/** What of the working tree a fresh clone would not have. */
const notCloned = new Set([
  "node_modules",
  ".git",
  ".wrangler",
  ".assets",
  ".dev.vars",
  ".scratch",
  "coverage",
  "dist"
])

const copyRepository = (): string => {
  const copy = mkdtempSync(join(tmpdir(), "orchestrator-readme-"))
  cpSync(root, copy, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !notCloned.has(basename(path))
  })
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction")
  return copy
}

/** The environment of a user's terminal: without what npm and vitest add. */
const environment = (added: Readonly<Record<string, string>>) => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      !/^(npm_|VITEST|NODE_|TEST|DEV$|PROD$|MODE$|STATE_DIR$|DEV_VARS$)/.test(name)
    )
  ),
  ...added
})

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals) => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // the group has gone already
  }
}

/** Resolves with what the process printed, once it has printed this. */
const untilPrinted = (child: ChildProcess, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let printed = ""
    const look = (chunk: Buffer) => {
      printed += chunk.toString("utf8")
      if (printed.includes(text)) settle(() => resolve(printed))
    }
    const ended = () => settle(() => reject(new Error(`The process ended before it printed "${text}":\n${printed}`)))
    const settle = (report: () => void) => {
      child.stdout?.off("data", look)
      child.off("exit", ended)
      report()
    }
    child.stdout?.on("data", look)
    child.once("exit", ended)
  })

/** A service that has not ended by then after Ctrl+C is killed. */
const stopTimeoutMillis = 20_000

/** The first terminal: the service. */
class FirstTerminal {
  private child: ChildProcess | undefined
  private readonly cwd: string
  private readonly port: number

  constructor(cwd: string, port: number) {
    this.cwd = cwd
    this.port = port
  }

  /** Presses Ctrl+C if something runs, then runs the command until the service has started. */
  async run(command: string): Promise<string> {
    await this.stop()
    this.child = spawn("bash", ["-c", command], {
      cwd: this.cwd,
      env: environment({ PORT: String(this.port) }),
      detached: true,
      stdio: ["ignore", "pipe", "inherit"]
    })
    return untilPrinted(this.child, "Everything is kept for the next start.")
  }

  async stop(): Promise<void> {
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, "exit")
    const family = child.pid === undefined ? [] : familyOf(child.pid)
    signalGroup(child, "SIGINT")
    const giveUp = setTimeout(() => family.forEach(({ pid }) => killHard(pid)), stopTimeoutMillis)
    await exited
    clearTimeout(giveUp)
  }
}

/** The second terminal: one bash, which keeps its variables and its job from block to block. */
class SecondTerminal {
  private readonly bash: ChildProcess

  constructor(cwd: string) {
    this.bash = spawn("bash", ["--noprofile", "--norc"], {
      cwd,
      env: environment({}),
      detached: true,
      stdio: ["pipe", "pipe", "inherit"]
    })
  }

  async run(commands: string): Promise<string> {
    const end = "--- the block has ended ---"
    const printed = untilPrinted(this.bash, end)
    this.bash.stdin?.write(`${commands}\nprintf '%s\\n' '${end}'\n`)
    const text = await printed
    return text.slice(0, text.indexOf(end))
  }

  stop(): void {
    signalGroup(this.bash, "SIGKILL")
  }
}

/** An answer as the README prints it: shortened where the README does so, and with durations of its own. */
const asPrinted = (answer: unknown, printed: unknown, name = ""): unknown => {
  if (printed === "…") return typeof answer === "string" && shortened.get(name)?.test(answer) ? "…" : answer
  if (name === "durationMs") return typeof answer === "number" && answer >= 0 ? printed : answer
  if (Array.isArray(answer) && Array.isArray(printed)) {
    return answer.map((item, index) => asPrinted(item, printed[index], name))
  }
  if (!isObject(answer) || !isObject(printed)) return answer
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, asPrinted(value, printed[key], key)]))
}

const withoutKey = (text: string) => text.replace(/atlas_[0-9A-Za-z]{32}/g, "atlas_…")

const tour = blocks(section(read("README.md"), "Tour"))
const commands = tour.flatMap((block, index) => {
  if (block.language !== "sh") return []
  const next = tour[index + 1]
  return [{ text: block.text, answer: next === undefined || next.language === "sh" ? undefined : next }]
})

describe("the README's tour", () => {
  let copy: string
  let first: FirstTerminal
  let second: SecondTerminal
  let ports: { readonly service: number; readonly upstream: number }

  /** The README's ports may be taken on this machine. */
  const withPorts = (text: string) =>
    text.replaceAll("8787", String(ports.service)).replaceAll("9000", String(ports.upstream))

  beforeAll(async () => {
    copy = copyRepository()
    ports = { service: await freePort(), upstream: await freePort() }
    first = new FirstTerminal(copy, ports.service)
    second = new SecondTerminal(copy)
  })

  afterAll(async () => {
    second?.stop()
    await first?.stop()
    if (copy !== undefined) rmSync(copy, { recursive: true, force: true })
  })

  it("has commands and answers", () => {
    assert.isAbove(commands.length, 10)
    assert.isAbove(commands.filter(({ answer }) => answer !== undefined).length, 8)
  })

  it.each(commands.map(({ answer, text }, index) => [index + 1, text.split("\n", 1)[0], text, answer] as const))(
    "%i: %s",
    async (_index, _title, text, answer) => {
      if (text === "npm start\n") {
        const printed = withoutKey(await first.run(text))
        if (answer !== undefined) assert.include(printed, withPorts(answer.text))
        return
      }
      const printed = await second.run(withPorts(text))
      // The endpoint starts in the background; whoever types the next command gives it the time.
      if (text.includes(".listen(9000)")) await until("the endpoint listens", 30, () => isListening(ports.upstream))
      if (answer?.language === "json") {
        const expected: unknown = JSON.parse(withPorts(answer.text))
        assert.deepStrictEqual(asPrinted(JSON.parse(printed), expected), expected)
      } else assert.strictEqual(printed, withPorts(answer?.text ?? ""))
    }
  )

  it("the typed client's example", async () => {
    const [, key = ""] = /^API_ALLOWED_KEYS="(.*)"$/m.exec(readFileSync(join(copy, ".dev.vars"), "utf8")) ?? []
    const url = `http://localhost:${ports.service}`
    assert.deepStrictEqual(await Effect.runPromise(greet(url, key)), { greet: { name: "Ada", greeting: "Hello" } })
    assert.strictEqual(await Effect.runPromise(greet(url, "another-key")), "AUTH-002")
  })
})
