import type { JsonObject } from "effect/Schema"

/** Schemas that can't be used, and their problems. */
export const unusable: ReadonlyArray<readonly [title: string, schema: JsonObject, ...problems: ReadonlyArray<string>]> =
  [
    [
      "an unknown type",
      { type: "text" },
      "[\"type\"]: must be one of null, boolean, object, array, number, string, integer, or an array of some of them, each once"
    ],
    [
      "wrong values",
      { minimum: "1", minLength: -1, uniqueItems: 1, required: ["a", 2], multipleOf: 0 },
      "[\"minimum\"]: must be a number, not a string",
      "[\"minLength\"]: must be a whole number, 0 or more, not -1",
      "[\"uniqueItems\"]: must be a boolean, not 1",
      "[\"required\",1]: must be a string, not 2",
      "[\"multipleOf\"]: must be a number greater than 0, not 0"
    ],
    [
      "schemas that are none",
      { items: [{}], properties: { a: 1 }, anyOf: [], allOf: [null] },
      "[\"items\"]: must be one schema; schemas by position stand in \"prefixItems\"",
      "[\"properties\",\"a\"]: must be a schema: an object or a boolean, not a number",
      "[\"anyOf\"]: must be an array of at least one schema, not an array",
      "[\"allOf\",0]: must be a schema: an object or a boolean, not null"
    ],
    [
      "another draft",
      { $schema: "http://json-schema.org/draft-07/schema#" },
      "[\"$schema\"]: must be \"https://json-schema.org/draft/2020-12/schema\""
    ],
    ...[
      "https://example.com/schema.json",
      "other.json",
      "#/$defs/b",
      "#/$defs",
      "#nowhere",
      "#/%",
      "#/$defs/a/__proto__"
    ].map(
      (ref) =>
        [
          `a reference to ${ref}`,
          { $defs: { a: {} }, properties: { p: { $ref: ref } } },
          "[\"properties\",\"p\",\"$ref\"]: must point to a schema inside this one: \"#\", \"#/$defs/name\" or such a path, or \"#\" and the name of an anchor"
        ] as const
    ),
    [
      "an identifier below the top",
      { $id: "https://example.com/", items: { $id: "b" } },
      "[\"items\",\"$id\"]: may stand at the top of a schema alone"
    ],
    [
      "an anchor twice",
      { $defs: { a: { $anchor: "x" }, b: { $anchor: "x" } } },
      "[\"$defs\",\"b\",\"$anchor\"]: stands on another schema too"
    ],
    ["a reference to itself", { $ref: "#" }, "[\"$ref\"]: leads back to itself without going into the value"],
    [
      "references in a circle",
      { $ref: "#/$defs/a", $defs: { a: { anyOf: [{ not: { $ref: "#/$defs/a" } }] } } },
      "[\"$defs\",\"a\",\"anyOf\",0,\"not\",\"$ref\"]: leads back to itself without going into the value"
    ],
    ...["(?=a)", "(?<!a)b", "(a)\\1", "(", "[z-a]"].map((pattern) =>
      [
        `the pattern ${pattern}`,
        { anyOf: [{ patternProperties: { [pattern]: {} } }] },
        `${
          JSON.stringify(["anyOf", 0, "patternProperties", pattern])
        }: must be a regular expression without look-around and back-references (RE2 syntax)`
      ] as const
    ),
    [
      "a pattern that repeats too much",
      { pattern: "((a{9}b){40}c){9}" },
      "[\"pattern\"]: repeats too much: written out it may have at most 2000 characters"
    ],
    ["a pattern that is too long", { pattern: "a".repeat(1_001) }, "[\"pattern\"]: must have at most 1000 characters"]
  ]
