// `npm test`: static checks and all tests; `--coverage` measures src. The last line on stdout has the totals.
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ensureAssets } from "./assets.mjs"
import { ensureInstalled } from "./install.mjs"
import { run, runQuietly } from "./tools.mjs"

const totals = { passed: 0, failed: 0, skipped: 0 }

const check = async (title, tool, args) => {
  const code = await runQuietly(tool, args)
  console.log(`${code === 0 ? "✓" : "✗"} ${title}`)
  totals[code === 0 ? "passed" : "failed"]++
}

const readReport = (path) => {
  try {
    return JSON.parse(readFileSync(path, "utf8"))
  } catch {
    return undefined
  }
}

/** A file that fails before its tests are known has no failed test of its own, yet has failed. */
const failedFiles = (report) =>
  report.testResults.filter((file) =>
    file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed")
  ).length

const vitest = async (args) => {
  const directory = mkdtempSync(join(tmpdir(), "orchestrator-test-"))
  const path = join(directory, "report.json")
  const code = await run("vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${path}`,
    ...args
  ])
  const report = readReport(path)
  rmSync(directory, { recursive: true })
  const failed = report ? report.numFailedTests + failedFiles(report) : 0
  totals.passed += report?.numPassedTests ?? 0
  totals.skipped += report ? report.numPendingTests + report.numTodoTests : 0
  // What isn't a test (a crash, an unhandled rejection, coverage under its threshold) shows in the exit code alone.
  totals.failed += code !== 0 && failed === 0 ? 1 : failed
}

ensureInstalled()
await ensureAssets()
await check("types", "tsc", ["--noEmit"])
await check("types of test/e2e", "tsc", ["--noEmit", "--project", "test/e2e"])
await check("env.d.ts is up to date with wrangler.toml", "wrangler", ["types", "env.d.ts", "--check"])
await check("lint", "oxlint", ["--deny-warnings"])
await check("format", "dprint", ["check"])
await vitest(process.argv.includes("--coverage") ? ["--coverage"] : [])

const { failed, passed, skipped } = totals
process.exitCode = failed === 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
