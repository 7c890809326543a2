import { assert, describe, it } from "@effect/vitest"
import { definitionSchema } from "../../src/domain/DefinitionSchema.ts"
import { problemOf, serve } from "./harness.ts"

const path = "/schemas/workflow.json"

describe("/schemas/workflow.json", () => {
  it("is the schema of definitions, for everybody", async () => {
    const response = await serve().fetch(path, { key: null })
    assert.strictEqual(response.status, 200)
    assert.strictEqual(response.headers.get("content-type"), "application/schema+json")
    assert.strictEqual(response.headers.get("access-control-allow-origin"), "*")
    const schema = Object(await response.json())
    assert.deepStrictEqual(schema, JSON.parse(JSON.stringify(definitionSchema())))
    assert.strictEqual(schema.$schema, "https://json-schema.org/draft/2020-12/schema")
    assert.strictEqual(schema.$id, path)
  })

  it("may be cached, and is sent again only when it has changed", async () => {
    const { fetch } = serve()
    const first = await fetch(path, { key: null })
    const tag = first.headers.get("etag") ?? ""
    assert.match(tag, /^"[0-9a-f]{32}"$/)
    assert.strictEqual(first.headers.get("cache-control"), "public, max-age=3600")
    assert.strictEqual((await serve().fetch(path)).headers.get("etag"), tag)
    for (const known of [tag, `W/${tag}`, "*", `"other", ${tag}`]) {
      const response = await fetch(path, { key: null, headers: { "if-none-match": known } })
      assert.strictEqual(response.status, 304)
      assert.strictEqual(response.headers.get("etag"), tag)
      assert.strictEqual(response.headers.get("cache-control"), "public, max-age=3600")
      assert.strictEqual(await response.text(), "")
    }
    assert.strictEqual((await fetch(path, { headers: { "if-none-match": "\"other\"" } })).status, 200)
  })

  it("knows GET and HEAD", async () => {
    const { fetch } = serve()
    const head = await fetch(path, { method: "HEAD", key: null })
    assert.strictEqual(head.status, 200)
    assert.strictEqual(await head.text(), "")
    const post = await fetch(path, { method: "POST", key: null })
    assert.strictEqual(post.status, 405)
    assert.strictEqual(post.headers.get("allow"), "GET, HEAD")
    assert.strictEqual((await problemOf(post)).code, "REQUEST-001")
  })
})
