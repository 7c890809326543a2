import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative, resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, expect, it } from "vitest"

/** Why so much: docs/decisions/0024-mcp-in-the-worker.md. */
const limitBytes = 672 * 1024
const directory = mkdtempSync(join(realpathSync(tmpdir()), "orchestrator-bundle-"))
let worker: string
/** What the bundle was made of, from the repository's root. */
let sources: ReadonlyArray<string>

beforeAll(() => {
  const wrangler = join("node_modules", "wrangler", "bin", "wrangler.js")
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [wrangler, "deploy", "--dry-run", "--outdir", directory],
    { encoding: "utf8", env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" } }
  )
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
  worker = readFileSync(join(directory, "worker.js"), "utf8")
  const map: { sources: ReadonlyArray<string> } = JSON.parse(readFileSync(join(directory, "worker.js.map"), "utf8"))
  sources = map.sources.map((source) => relative(process.cwd(), resolve(directory, source)))
  expect(sources).toContain(join("src", "worker.ts"))
}, 60_000)

afterAll(() => rmSync(directory, { recursive: true }))

it(`takes at most ${limitBytes} bytes as gzip`, () => {
  expect(gzipSync(worker).length).toBeLessThanOrEqual(limitBytes)
})

it("has no script of an API browser: the docs page loads it from the assets", () => {
  expect(sources.filter((source) => /(^|\/)scalar\b|swagger/i.test(source))).toEqual([])
  expect(/SwaggerUIBundle|Minified by jsDelivr/.test(worker)).toBe(false)
})

it("has of the MCP client what the step uses, and nothing of OAuth's cryptography", () => {
  expect(sources.some((source) => source.includes("@modelcontextprotocol/client"))).toBe(true)
  expect(sources.filter((source) => /(^|\/)jose\//.test(source))).toEqual([])
})

it("has no code of the tests or the test kit", () => {
  expect(sources.filter((source) => /(^|\/)(test|testing|vitest)\//.test(source))).toEqual([])
})

it("has nothing of the conformance suite, neither its code nor the fixtures that it calls", () => {
  expect(sources.filter((source) => /conformance|inspector/i.test(source))).toEqual([])
  expect(worker.match(/test_simple_text|test:\/\/static-text|test_simple_prompt/)).toBeNull()
})
