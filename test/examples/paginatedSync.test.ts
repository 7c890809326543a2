import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Json } from "effect/Schema"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { bodiesTo, callsOf, runExample } from "./example.ts"

const contact = (number: number) => ({
  id: number,
  profile: { name: `Name ${number}`, email: `N${number}@Example.com` }
})

/** So many contacts on a page; the last one of each page is the first of the next, as when one was added meanwhile. */
const crm = (pages: number, size: number): ScriptedRoute => ({
  url: /^https:\/\/crm\.example\.com\/contacts\?/,
  respond: ({ url }) => {
    const page = Number(new URL(url).searchParams.get("page"))
    const items: ReadonlyArray<Json> = Array.from(
      { length: size },
      (_, index) => contact((page - 1) * (size - 1) + index)
    )
    return { body: { pages, items }, delay: "1 second" }
  }
})
const warehouse: ScriptedRoute = {
  method: "POST",
  url: "https://warehouse.example.com/contacts",
  respond: { status: 204 }
}

const rowsOf = (body: unknown): ReadonlyArray<{ readonly key: number; readonly email: string }> => Object(body).rows

describe("examples/paginated-sync.json", () => {
  it.effect("reads every page, and writes each contact once, in batches", () =>
    Effect.gen(function*() {
      const run = yield* runExample("paginated-sync", { http: [crm(12, 21), warehouse] })
      assert.deepStrictEqual(run.outputs, { contacts: 241, batches: 3 })
      assert.strictEqual(callsOf(run).filter((call) => call.startsWith("GET")).length, 12)
      const batches = bodiesTo(run, "warehouse.example.com").map(rowsOf)
      assert.deepStrictEqual(batches.map((rows) => rows.length), [100, 100, 41])
      assert.deepStrictEqual(batches.flat().map(({ key }) => key), Array.from({ length: 241 }, (_, key) => key))
      assert.deepInclude(batches[0]?.[7], { key: 7, email: "n7@example.com" })
      assert.strictEqual(run.requests[0]?.headers["x-api-key"], "value-of-CRM_KEY")
    }))

  it.effect("reads a single page", () =>
    Effect.gen(function*() {
      const run = yield* runExample("paginated-sync", { http: [crm(1, 2), warehouse] })
      assert.deepStrictEqual(run.outputs, { contacts: 2, batches: 1 })
    }))

  it.effect("writes nothing when there is nothing", () =>
    Effect.gen(function*() {
      const run = yield* runExample("paginated-sync", { http: [crm(1, 0), warehouse] })
      assert.deepStrictEqual(run.outputs, { contacts: 0, batches: 0 })
    }))

  it.effect("stops before it reads too many pages", () =>
    Effect.gen(function*() {
      const run = yield* runExample("paginated-sync", { http: [crm(501, 1), warehouse] })
      assert.strictEqual(run.error?.code, "too-many-pages")
      assert.strictEqual(run.requests.length, 1)
    }))

  it.effect("asks again when the upstream is busy, and writes nothing if it stays so", () =>
    Effect.gen(function*() {
      const busy: ScriptedRoute = { url: /page=3/, respond: { status: 429, headers: { "retry-after": "30" } } }
      const run = yield* runExample("paginated-sync", { http: [busy, crm(4, 3), warehouse] })
      assert.strictEqual(run.error?.code, "http-429")
      const times = run.requests.filter(({ url }) => url.includes("page=3")).map(({ at }) => Date.parse(at))
      assert.strictEqual(times.length, 5)
      assert.isAtLeast((times[4] ?? 0) - (times[0] ?? 0), 120_000)
      assert.deepStrictEqual(bodiesTo(run, "warehouse.example.com"), [])
    }))
})
