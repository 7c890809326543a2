import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { Issue } from "../../src/domain/Issues.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { SchemaValidator } from "../../src/services/SchemaValidator.ts"
import { cases } from "./SchemaCases.ts"
import { unusable } from "./UnusableSchemas.ts"

const told = ({ message, path }: Issue) => path.length === 0 ? message : `${JSON.stringify(path)}: ${message}`

const tooManySteps = `takes more than ${Limits.schemaSteps} steps to be checked`
const tooDeep = `applies more than ${Limits.schemaDepth} schemas inside one another`

const times = <A>(count: number, make: (index: number) => A): Array<A> =>
  Array.from({ length: count }, (_, i) => make(i))

const nested = (depth: number, inside: Json): Json => times(depth, () => 0).reduce<Json>((value) => [value], inside)

/** A schema that applies the last one 2^40 times, through references of forty bytes. */
const doubling = (keyword: string, last: JsonObject): JsonObject => ({
  $ref: "#/$defs/a0",
  $defs: Object.fromEntries([
    ...times(40, (i) => [`a${i}`, { [keyword]: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] }]),
    ["a40", last]
  ])
})

/** Schemas that would take minutes, and what stops them. */
const hostile: ReadonlyArray<
  readonly [title: string, schema: JsonObject, value: Json, ...problems: ReadonlyArray<string>]
> = [
  ["anyOf in anyOf", doubling("anyOf", { type: "string" }), 1, tooManySteps],
  ["oneOf in oneOf", doubling("oneOf", {}), 1, tooManySteps],
  ["allOf in allOf", doubling("allOf", {}), 1, tooManySteps],
  ["allOf under not", { not: doubling("allOf", {}), $defs: doubling("allOf", {})["$defs"] ?? {} }, 1, tooManySteps],
  ["unevaluatedItems over anyOf", { ...doubling("anyOf", {}), unevaluatedItems: false }, [1], tooManySteps],
  [
    "uniqueItems at every level",
    { uniqueItems: true, items: { $ref: "#" } },
    nested(95, "x".repeat(500_000)),
    tooManySteps
  ],
  ["required in every item", { items: { required: times(5_000, String) } }, times(5_000, () => ({})), tooManySteps],
  [
    "a large enum for large values",
    { allOf: times(500, (i) => ({ not: { enum: [[i]] } })) },
    [times(50_000, () => 1)],
    tooManySteps
  ],
  ["lengths of one long text", { allOf: times(5_000, () => ({ minLength: 1 })) }, "x".repeat(500_000), tooManySteps],
  [
    "patterns on one long text",
    { allOf: times(50, (i) => ({ pattern: `^(a+)+.{${i}}` })) },
    "a".repeat(500_000),
    tooManySteps
  ],
  [
    "members by patterns",
    {
      patternProperties: Object.fromEntries(times(500, (i) => [`^(x|y)*${i}`, {}]))
    },
    Object.fromEntries(times(5_000, (i) => [`x${i}`, 1])),
    tooManySteps
  ],
  [
    "a chain into the value",
    {
      $ref: "#/$defs/a0",
      $defs: Object.fromEntries(
        times(8, (i) => [`a${i}`, i < 7 ? { $ref: `#/$defs/a${i + 1}` } : { items: { $ref: "#" } }])
      )
    },
    nested(99, 1),
    tooDeep
  ],
  ["problems without end", { items: { type: "string" } }, times(300_000, () => 1), tooManySteps]
]

/** What every schema validator does. */
export const schemaValidatorContract = (name: string, layer: Layer.Layer<SchemaValidator>) => {
  const withValidator = (check: (validator: SchemaValidator["Service"]) => void) =>
    SchemaValidator.use((validator) => Effect.sync(() => check(validator))).pipe(Effect.provide(layer))

  describe(`SchemaValidator on ${name}`, () => {
    for (const [title, schema, ...values] of cases) {
      it.effect(`validates: ${title}`, () =>
        withValidator((validator) => {
          assert.deepStrictEqual(validator.check(schema), [])
          for (const [value, ...problems] of values) {
            assert.deepStrictEqual(validator.validate(schema, value).map(told), problems, JSON.stringify(value))
          }
        }))
    }

    for (const [title, schema, ...problems] of unusable) {
      it.effect(`refuses a schema: ${title}`, () =>
        withValidator((validator) => {
          assert.deepStrictEqual(validator.check(schema).map(told), problems)
          assert.deepStrictEqual(validator.validate(schema, 1).map(told), ["can't be checked: the schema is not valid"])
        }))
    }

    for (const [title, schema, value, ...problems] of hostile) {
      it.effect(`bounds the work: ${title}`, () =>
        withValidator((validator) => {
          assert.deepStrictEqual(validator.check(schema), [])
          assert.deepStrictEqual(validator.validate(schema, value).map(told), problems)
        }))
    }

    it.effect("bounds the work on a schema", () =>
      withValidator((validator) => {
        const patterns = { allOf: times(100, (i) => ({ pattern: `\\pL{${1_000 - i}}` })) }
        assert.deepStrictEqual(validator.check(patterns).map(told), [tooManySteps])
        const chain = Object.fromEntries(times(5_000, (i) => [`a${i}`, { $ref: `#/$defs/a${Math.min(i + 1, 4_999)}` }]))
        assert.deepStrictEqual(validator.check({ $defs: { ...chain, a4999: {} } }).map(told), [
          `["$defs","a499","$ref"]: leads through more than ${Limits.schemaDepth} schemas`
        ])
      }))

    it.effect("bounds what it tells", () =>
      withValidator((validator) => {
        const long = Object.fromEntries(times(20, (i) => [`${"k".repeat(10_000)}${i}`, 1]))
        assert.strictEqual(validator.validate({ additionalProperties: false }, long).length, 6)
        const longest = { ["k".repeat(100_000)]: 1 }
        assert.strictEqual(validator.validate({ additionalProperties: false }, longest).length, 1)
        const [issue] = validator.validate({ const: "x".repeat(100_000) }, 1)
        assert.isBelow(issue?.message.length ?? 0, 100)
      }))

    it.effect("checks what people write: 10,000 users", () =>
      withValidator((validator) => {
        const user = {
          type: "object",
          required: ["id", "email"],
          properties: { id: { type: "integer" }, email: { pattern: "^[^@]+@[^@]+$" }, at: { format: "date-time" } },
          additionalProperties: false
        }
        const schema = { properties: { users: { type: "array", items: user, uniqueItems: true } } }
        const users = times(10_000, (id) => ({ id, email: `user${id}@example.com`, at: "2026-01-31T12:00:00Z" }))
        assert.deepStrictEqual(validator.validate(schema, { users }), [])
      }))
  })
}
