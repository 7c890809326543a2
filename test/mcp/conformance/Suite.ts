import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** What came of one check of the suite. */
interface Check {
  readonly id: string
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO"
  readonly errorMessage?: string
}

/** What the suite found. */
export interface Verdict {
  readonly exitCode: number | null
  /** How many scenarios were run that count. */
  readonly scenarios: number
  /** How many checks have passed. */
  readonly passed: number
  /** Those that failed, with what the suite says. */
  readonly failed: ReadonlyArray<string>
}

const bin = join("node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js")

/** What the suite itself does not score, and needs of a server what this one does not have. */
const isForeign = (output: string, scenario: string): boolean =>
  output.includes(` ${scenario} (extension)`) ||
  // It wants tools that have clients repeat arguments in headers: none of ours does.
  scenario === "http-custom-header-server-validation"

/** Runs the official suite against a server: what a revision requires, at that revision's wire. */
export const runSuite = async (url: string, revision: string): Promise<Verdict> => {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "orchestrator-conformance-"))
  try {
    const { exitCode, output } = await run(["server", "--url", url, "--requirements", revision, "-o", directory])
    const scenarios = readdirSync(directory).flatMap((name) => {
      const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\dZ-]+$/.exec(name)?.[1] ?? name
      return isForeign(output, scenario) ? [] : [{ scenario, checks: checksIn(join(directory, name)) }]
    })
    if (scenarios.length === 0) throw new Error(`The suite has run nothing:\n${output}`)
    const checks = scenarios.flatMap(({ checks, scenario }) => checks.map((check) => ({ ...check, scenario })))
    return {
      exitCode,
      scenarios: scenarios.length,
      passed: checks.filter(({ status }) => status === "SUCCESS").length,
      failed: checks.filter(({ status }) => status === "FAILURE").map(({ errorMessage, id, scenario }) =>
        `${scenario}: ${id}: ${errorMessage}`
      )
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const run = (args: ReadonlyArray<string>) =>
  new Promise<{ readonly exitCode: number | null; readonly output: string }>((ended, failed) => {
    const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    const collect = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on("data", collect)
    child.stderr.on("data", collect)
    child.on("error", failed)
    child.on("close", (exitCode) => ended({ exitCode, output }))
  })

/** What a scenario has written down. */
const checksIn = (directory: string): ReadonlyArray<Check> =>
  JSON.parse(readFileSync(join(directory, "checks.json"), "utf8"))
