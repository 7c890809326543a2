import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import type { FoundIssue } from "../../src/domain/Issues.ts"
import { formatPath, fromSchemaIssue, summarize } from "../../src/domain/Issues.ts"
import { WorkflowCreate, WorkflowUpdate } from "../../src/domain/Workflow.ts"
import { aggregate, bad, http, notEmpty, required, root, sound, stepped, unknown } from "./BadDefinitions.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const

/** What is wrong with a definition, as the API tells it; nothing if it is good. */
const issuesOf = (input: unknown): ReadonlyArray<FoundIssue> => {
  const decoded = Schema.decodeUnknownResult(WorkflowCreate, strict)(input)
  return Result.isSuccess(decoded) ? [] : fromSchemaIssue(decoded.failure.issue, input)
}

const issuesOfUpdate = (input: unknown): ReadonlyArray<FoundIssue> => {
  const decoded = Schema.decodeUnknownResult(WorkflowUpdate, strict)(input)
  return Result.isSuccess(decoded) ? [] : fromSchemaIssue(decoded.failure.issue, input)
}

describe("bad definitions", () => {
  for (const [name, input, ...problems] of bad) {
    it(`${name}`, () => {
      const issues = issuesOf(input)
      assert.deepStrictEqual(issues.map(({ message, path }) => `${formatPath(path)}: ${message}`), problems)
      assert.deepStrictEqual(
        issues.map(({ missing }) => missing),
        problems.map((text) => text.endsWith(`: ${required}`))
      )
    })
  }

  it("paths hold names as strings and places as numbers", () => {
    assert.deepStrictEqual(issuesOf(aggregate({ as: "s", function: "sum" })), [
      { path: ["steps", 0, "config", "operations", 0, "field"], message: required, missing: true }
    ])
    assert.deepStrictEqual(issuesOf(http({ headers: { "0": 1 } })), [
      { path: ["steps", 0, "config", "headers", "0"], message: "must be a string, not a number", missing: false }
    ])
  })

  it("every problem of 1,000 steps is told", () => {
    const steps = Array.from({ length: 1_000 }, (_, index) => ({ ...sound, id: `s ${index}` }))
    assert.deepStrictEqual(
      issuesOf(root({ steps })).map(({ path }) => path),
      steps.map((_, index) => ["steps", index, "id"])
    )
  })
})

describe("bad changes", () => {
  const changes: ReadonlyArray<readonly [name: string, input: unknown, ...problems: ReadonlyArray<string>]> = [
    ["null", null, ": must be an object, not null"],
    ["name null", { name: null }, "name: must be a string, not null"],
    ["name blank", { name: " " }, "name: must not be blank"],
    ["steps empty", { steps: [] }, `steps: ${notEmpty}`],
    ["a step without url", stepped({ ...sound, config: {} }), `steps[0].config.url: ${required}`],
    ["a typo", { stauts: "active" }, `stauts: ${unknown}`],
    ["id empty", { id: "" }, `id: ${notEmpty}`],
    ["version 1.5", { version: 1.5 }, "version: must be an integer"],
    [
      "createdAt in words",
      { createdAt: "yesterday" },
      "createdAt: must be an RFC 3339 time in UTC with milliseconds such as 2026-11-22T10:00:00.000Z"
    ]
  ]

  for (const [name, input, ...problems] of changes) {
    it(`${name}`, () => {
      const issues = issuesOfUpdate(input)
      assert.deepStrictEqual(issues.map(({ message, path }) => `${formatPath(path)}: ${message}`), problems)
      assert.deepStrictEqual(
        issues.map(({ missing }) => missing),
        problems.map((text) => text.endsWith(`: ${required}`))
      )
    })
  }
})

describe("in words", () => {
  const paths: ReadonlyArray<readonly [path: ReadonlyArray<string | number>, text: string]> = [
    [[], ""],
    [["name"], "name"],
    [["steps", 1, "config", "field"], "steps[1].config.field"],
    [[0, "id"], "[0].id"],
    [["a", 0, 1], "a[0][1]"]
  ]

  for (const [path, text] of paths) {
    it(`${JSON.stringify(path)} is ${text}`, () => assert.strictEqual(formatPath(path), text))
  }

  it("the first problem stands for all", () => {
    const first = { path: ["steps", 1, "config", "field"], message: "is required" }
    assert.strictEqual(summarize([]), "The data is not valid")
    assert.strictEqual(summarize([first]), "steps[1].config.field is required")
    assert.strictEqual(summarize([first, first, first]), "steps[1].config.field is required (and 2 more)")
    assert.strictEqual(
      summarize([{ path: [], message: "must be an object, not null" }]),
      "The body must be an object, not null"
    )
  })
})
