import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { freePort } from "./Ports.ts"
import type { Process } from "./Processes.ts"
import { familyOf, isAlive, killHard } from "./Processes.ts"
import { until } from "./Until.ts"

/** The configuration of a service, by name; what is absent has the default of wrangler.toml. */
export type Vars = Readonly<Record<string, string>>

/** A key that every service under test knows; it acts for every tenant. */
export const operatorKey = "operator-key-of-the-tests"

const defaults: Vars = {
  API_ALLOWED_KEYS: operatorKey,
  OUTBOUND_ALLOW_HOSTS: "127.0.0.1",
  RATE_LIMIT_MAX_REQUESTS: "1000000"
}

const root = fileURLToPath(new URL("../../..", import.meta.url))
const ready = "AtlasIT Orchestrator is running."

/** How long the service may take: it installs nothing here, but prepares its database. */
const startSeconds = 90
const stopSeconds = 20

/** The service as `npm start` runs it, with a port, a configuration and a state of its own. */
export class Service {
  /** Where it answers; another one after each start. */
  url = ""
  /** What it has printed since its last start. */
  output = ""
  private child: ChildProcess | undefined
  private readonly directory = mkdtempSync(join(tmpdir(), "orchestrator-e2e-"))
  private readonly flags: ReadonlyArray<string>

  private constructor(vars: Vars, flags: ReadonlyArray<string>) {
    this.flags = flags
    const lines = Object.entries({ ...defaults, ...vars }).map(([name, value]) => `${name}="${value}"\n`)
    writeFileSync(join(this.directory, "vars"), lines.join(""), { mode: 0o600 })
  }

  /** Starts a service; with the flag `--watch` it prints its log. */
  static async start(vars: Vars = {}, ...flags: ReadonlyArray<string>): Promise<Service> {
    const service = new Service(vars, flags)
    try {
      await service.start()
      return service
    } catch (error) {
      await service.dispose()
      throw error
    }
  }

  /** Where it keeps its state. */
  get state(): string {
    return join(this.directory, "state")
  }

  /** Starts it on the state that it had when it ended. */
  async start(): Promise<void> {
    const port = await freePort()
    const { NODE_ENV: _nodeEnv, ...env } = process.env
    const child = spawn(process.execPath, [join("scripts", "start.mjs"), ...this.flags], {
      cwd: root,
      env: {
        ...env,
        PORT: String(port),
        INSPECTOR_PORT: "0",
        STATE_DIR: this.state,
        DEV_VARS: join(this.directory, "vars")
      },
      stdio: ["ignore", "pipe", "pipe"]
    })
    this.child = child
    this.url = `http://127.0.0.1:${port}`
    this.output = ""
    const collect = (chunk: Buffer) => {
      this.output += chunk.toString()
    }
    child.stdout.on("data", collect)
    child.stderr.on("data", collect)
    process.once("exit", this.killAll)
    await until("the service runs", startSeconds, () => {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}`)
      return this.output.includes(ready)
    }).catch((cause: unknown) => {
      throw new Error(`The service does not run:\n${this.output}`, { cause })
    })
  }

  /** The processes of the running service: start.mjs, wrangler, workerd and their helpers. */
  processes(): ReadonlyArray<Process> {
    return this.child?.pid === undefined ? [] : familyOf(this.child.pid)
  }

  /** Stops it as Ctrl+C does, and gives its exit code. */
  async stop(): Promise<number | null> {
    const { child } = this
    if (child === undefined) return null
    const family = this.processes()
    child.kill("SIGTERM")
    await this.gone(family)
    await until("its exit code is known", stopSeconds, () => child.exitCode !== null || child.signalCode !== null)
    return child.exitCode
  }

  /** Ends every process of it at once with SIGKILL: a crash. Gives those that were killed. */
  async kill(): Promise<ReadonlyArray<Process>> {
    const family = this.killAll()
    await this.gone(family)
    return family
  }

  /** Ends it, however it is, and removes its state. */
  async dispose(): Promise<void> {
    try {
      await this.kill()
    } finally {
      rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  private readonly killAll = (): ReadonlyArray<Process> => {
    const family = this.processes()
    for (const { pid } of family) killHard(pid)
    return family
  }

  private async gone(family: ReadonlyArray<Process>): Promise<void> {
    await until("the service's processes have ended", stopSeconds, () => family.every(({ pid }) => !isAlive(pid)))
    process.removeListener("exit", this.killAll)
    this.child = undefined
  }
}
