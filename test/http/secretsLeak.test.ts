import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { StorageError } from "../../src/domain/Errors.ts"
import { serve } from "./harness.ts"
import { start, value } from "./secretsService.ts"

describe("A value", () => {
  it("is in no answer and in no line of the log, whatever goes wrong", async () => {
    const { call, logs } = await start()
    const long = value.repeat(1_000)
    const answers = [
      await call("PUT", "/TOKEN", { value }),
      await call("PUT", "/TOKEN", { value }),
      await call("PUT", "/TOKEN", `{"value":"${value}"`),
      await call("PUT", "/TOKEN", `"${value}"`),
      await call("PUT", "/TOKEN", { value: [value] }),
      await call("PUT", "/TOKEN", { value: long }),
      await call("PUT", "/TOKEN", { value, tenantId: "tenant-b" }),
      await call("PUT", "/TOKEN", { value, tenantId: [value] }),
      await call("PUT", "/a-b", { value }),
      await call("POST", "/TOKEN", { value }),
      await call("GET", "/TOKEN"),
      await call("GET", ""),
      await call("DELETE", "/TOKEN")
    ]
    const failing = serve({
      secrets: {
        put: (_, __, given) => Effect.fail(new StorageError({ operation: "secrets.insert", cause: { given } }))
      }
    })
    const body = JSON.stringify({ value, tenantId: "tenant-a" })
    const failed = await failing.fetch("/api/secrets/A", {
      method: "PUT",
      body,
      headers: { "content-type": "application/json" }
    })
    assert.strictEqual(failed.status, 500)
    const told = JSON.stringify([
      logs,
      failing.logs,
      await Promise.all([...answers, failed].map(async (answer) => [await answer.text(), [...answer.headers]]))
    ])
    assert.notInclude(told, "s3cr3t")
    assert.notInclude(told, Buffer.from(value).toString("base64").slice(0, 12))
  })
})
