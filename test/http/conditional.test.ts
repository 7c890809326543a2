import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Workflows } from "../../src/services/Workflows.ts"
import { workflow } from "./fixtures.ts"
import { problemOf, serve } from "./harness.ts"

const service = (update: Workflows["Service"]["update"] = () => Effect.die("changed nothing")) =>
  serve({ workflows: { get: () => Effect.succeed(workflow), update } })

describe("If-Match", () => {
  const cases = [
    ["*", null],
    ["\"3\"", 3],
    ["\"2\"", 2],
    ["W/\"3\"", 0],
    ["\"abc\"", 0],
    ["\"03\"", 0],
    ["\"2\", \"3\"", 3],
    ["\"1\",\"2\"", 0],
    ["W/\"3\" , \"3\"", 3]
  ] as const
  for (const [header, expected] of cases) {
    it(`${header} changes ${expected === null ? "any version" : expected === 0 ? "none" : `version ${expected}`}`, async () => {
      const versions: Array<number | null> = []
      const { send } = service((_principal, _id, _input, version) => {
        versions.push(version)
        return Effect.succeed(workflow)
      })
      const response = await send("PUT", "/api/workflows/workflow-1", {}, { "if-match": header })
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(versions, [expected])
    })
  }

  for (const header of ["3", "\"3", "W/3", "\"3\" \"4\"", "*, \"3\"", "\"3\",,,,", "w/\"3\""]) {
    it(`${header} is 400`, async () => {
      const { send } = service()
      const response = await send("PUT", "/api/workflows/workflow-1", {}, { "if-match": header })
      assert.strictEqual(response.status, 400)
      const problem = await problemOf(response)
      assert.strictEqual(problem.code, "REQUEST-001")
      assert.deepStrictEqual(problem.issues?.[0]?.path, ["if-match"])
    })
  }
})

describe("If-None-Match", () => {
  const cases = [["\"3\"", 304], ["W/\"3\"", 304], ["*", 304], ["\"1\", \"3\"", 304], ["\"2\"", 200], [
    "x",
    400
  ]] as const
  for (const [header, status] of cases) {
    it(`${header} is ${status}`, async () => {
      const { fetch } = service()
      const response = await fetch("/api/workflows/workflow-1", { headers: { "if-none-match": header } })
      assert.strictEqual(response.status, status)
      if (status === 304) {
        assert.strictEqual(response.headers.get("etag"), "\"3\"")
        assert.strictEqual(await response.text(), "")
      }
    })
  }
})
