import { env } from "cloudflare:workers"
import { Schema } from "effect"
import { assert, describe, it, onTestFinished, vi } from "vitest"
import { call, read, serve, worker } from "./Service.ts"

const value = "w0rker-s3cr3t \u00e4?>/"

/** All that is in the database, as text. */
const dump = async () => {
  const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  const tables = results.map(({ name }) => String(name)).filter((name) => !name.startsWith("_cf_"))
  return JSON.stringify(await Promise.all(tables.map((name) => env.DB.prepare(`SELECT * FROM "${name}"`).all())))
}

/** How a value could be found again. */
const bytes = new TextEncoder().encode(value)
const spellings = [
  value,
  JSON.stringify(value).slice(1, -1),
  encodeURIComponent(value),
  btoa(String.fromCharCode(...bytes)).slice(0, -4),
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
]

const keyIds = async () => {
  const { results } = await env.DB.prepare("SELECT key_id FROM secrets ORDER BY name").all()
  return results.map((row) => String(row["key_id"]))
}

describe("Secrets in the Worker", () => {
  it("leave their values nowhere: not in the database, the answers, KV or the log", async () => {
    const lines: Array<unknown> = []
    for (const method of ["log", "debug", "info", "warn", "error"] as const) {
      const spy = vi.spyOn(console, method).mockImplementation((...line) => void lines.push(line))
      onTestFinished(() => spy.mockRestore())
    }
    const put = (name: string, body: unknown) => call(worker, "PUT", `/api/secrets/${name}`, { body })
    const answers = [
      await put("TOKEN", { value }),
      await put("TOKEN", { value }),
      await put("TOKEN", { value, tenantId: "tenant-b" }),
      await put("2", { value }),
      await call(worker, "GET", "/api/secrets/TOKEN"),
      await call(worker, "GET", "/api/secrets")
    ]
    assert.deepStrictEqual(answers.map(({ status }) => status), [201, 200, 403, 400, 200, 200])
    const stored = await dump()
    assert.include(stored, "\"TOKEN\"")
    const { keys } = await env.KV.list()
    const kept = await Promise.all(keys.map(({ name }) => env.KV.get(name)))
    const told = await Promise.all(answers.map(async (answer) => [await answer.text(), [...answer.headers]]))
    assert.isAbove(lines.length, 4)
    for (const text of [stored, ...[kept, lines, told].map((content) => JSON.stringify(content))]) {
      for (const spelling of spellings) {
        assert.notInclude(text, spelling)
        assert.notInclude(text, JSON.stringify(spelling).slice(1, -1))
      }
    }
  })

  it("are put under a new key by the cron trigger", async () => {
    await env.DB.prepare("DELETE FROM secrets").run()
    const [first, second] = [btoa("1".repeat(32)), btoa("2".repeat(32))]
    const before = serve({ SECRETS_KEY: first })
    for (const name of ["A", "B"]) await call(before, "PUT", `/api/secrets/${name}`, { body: { value } })
    const [old] = await keyIds()
    assert.deepStrictEqual(await keyIds(), [old, old])

    const after = serve(Object.assign({ SECRETS_KEY: second }, { SECRETS_KEY_PREVIOUS: first }))
    await after.tick()
    const [current] = await keyIds()
    assert.notStrictEqual(current, old)
    assert.deepStrictEqual(await keyIds(), [current, current])
    const { version } = await read(Schema.Struct({ version: Schema.Int }), 200, call(after, "GET", "/api/secrets/A"))
    assert.strictEqual(version, 1)
  })

  it("without a key: everything but PUT works", async () => {
    const keyless = serve({ SECRETS_KEY: "" })
    assert.strictEqual((await call(keyless, "PUT", "/api/secrets/A", { body: { value } })).status, 503)
    assert.strictEqual((await call(keyless, "GET", "/api/secrets")).status, 200)
    assert.strictEqual((await call(keyless, "GET", "/api/workflows")).status, 200)
  })
})
