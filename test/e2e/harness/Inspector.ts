import { spawn } from "node:child_process"
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const bin = join("node_modules", "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js")

/** The command line of the MCP Inspector, for one server and key. It keeps what it writes in a directory of its own. */
export class Inspector {
  private readonly home = mkdtempSync(join(realpathSync(tmpdir()), "orchestrator-inspector-"))
  private readonly target: ReadonlyArray<string>

  constructor(url: string, key: string) {
    this.target = ["--cli", "--server-url", url, "--transport", "http", "--header", `Authorization: Bearer ${key}`]
  }

  /** What comes of a method, called as a client of an era does. Fails if the Inspector finds anything wrong. */
  async call(era: string, method: string, ...args: ReadonlyArray<string>): Promise<unknown> {
    const { code, errors, output } = await this.run([
      ...this.target,
      "--protocol-era",
      era,
      "--method",
      method,
      ...args
    ])
    if (code !== 0) throw new Error(`The Inspector ended with ${code}:\n${errors}${output}`)
    return JSON.parse(output)
  }

  dispose(): void {
    rmSync(this.home, { recursive: true })
  }

  private run(args: ReadonlyArray<string>) {
    return new Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>(
      (ended, failed) => {
        const child = spawn(process.execPath, [bin, ...args], {
          stdio: ["ignore", "pipe", "pipe"],
          env: { PATH: process.env["PATH"], HOME: this.home, TMPDIR: this.home }
        })
        let output = ""
        let errors = ""
        child.stdout.on("data", (chunk: Buffer) => {
          output += chunk.toString()
        })
        child.stderr.on("data", (chunk: Buffer) => {
          errors += chunk.toString()
        })
        child.once("error", failed)
        child.once("close", (code) => ended({ code, output, errors }))
      }
    )
  }
}
