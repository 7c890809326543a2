import type { Json, JsonObject } from "effect/Schema"

/** A value, and what is wrong with it: `path: message`, the path as JSON where there is one. */
type Value = readonly [value: Json, ...problems: ReadonlyArray<string>]

/** Schemas, and values that fit them or don't. */
export const cases: ReadonlyArray<readonly [title: string, schema: JsonObject, ...values: ReadonlyArray<Value>]> = [
  ["an empty schema", {}, [null], [1], [{ a: [] }]],
  [
    "type",
    { type: "string" },
    [""],
    [1, "must be a string, not a number"],
    [null, "must be a string, not null"],
    [[], "must be a string, not an array"]
  ],
  [
    "integer",
    { type: ["integer", "null"] },
    [1],
    [1.0],
    [1e20],
    [null],
    [1.5, "must be null or an integer, not 1.5"],
    ["1", "must be null or an integer, not a string"]
  ],
  ["boolean and object", { type: ["object", "boolean"] }, [{}], [false], [
    [],
    "must be a boolean or an object, not an array"
  ]],
  ["const", { const: { a: [1, { b: null }], c: 0 } }, [{ c: -0, a: [1, { b: null }] }], [
    { a: [1, { b: 0 }], c: 0 },
    "must be {\"a\":[1,{\"b\":null}],\"c\":0}"
  ]],
  ["enum", { enum: ["a", 1, null] }, ["a"], [null], ["1", "must be one of \"a\", 1, null"], [
    [],
    "must be one of \"a\", 1, null"
  ]],
  ["an empty enum", { enum: [] }, [1, "is not allowed here"]],
  ["a long enum", { enum: Array.from({ length: 12 }, (_, index) => index) }, [11], [
    12,
    "must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …"
  ]],
  ["minimum and maximum", { minimum: 1, maximum: 3 }, [1], [3], ["x"], [0, "must be at least 1"], [
    4,
    "must be at most 3"
  ]],
  ["exclusive bounds", { exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2], [1, "must be more than 1"], [
    3,
    "must be less than 3"
  ]],
  ["multipleOf", { multipleOf: 0.01 }, [19.99], [0], [4.35], [1e300], [0.001, "must be a multiple of 0.01"]],
  [
    "lengths in characters",
    { minLength: 2, maxLength: 3 },
    ["ab"],
    ["🙂🙂🙂"],
    ["", "must not be empty"],
    [
      "🙂",
      "must have at least 2 characters"
    ],
    ["abcd", "must have at most 3 characters"],
    [1]
  ],
  ["pattern, anywhere in the text", { pattern: "b+" }, ["abc"], [1], ["ac", "must match the pattern b+"]],
  ["a pattern of ECMA-262", { pattern: "^\\u00e9(?<word>\\w)\\p{Letter}\\/$" }, ["éaß/"], [
    "ea",
    "must match the pattern ^\\u00e9(?<word>\\w)\\p{Letter}\\/$"
  ]],
  ["format", { format: "date-time" }, ["2026-01-31T12:00:00.5+01:00"], [1], [
    "2026-02-30T12:00:00Z",
    "must be a date and time such as 2026-01-31T12:00:00Z"
  ]],
  ["format date", { format: "date" }, ["2024-02-29"], ["2023-02-29", "must be a date such as 2026-01-31"]],
  ["format time", { format: "time" }, ["23:59:60Z"], ["12:00:60Z", "must be a time such as 12:00:00Z"]],
  ["format email", { format: "email" }, ["joe.o'neil+x@example.com"], ["a@[127.0.0.1]"], [
    "joe",
    "must be an e-mail address"
  ]],
  ["format uri", { format: "uri" }, ["https://me@[::1]:8/p?q#f"], ["urn:x:y"], [
    "/path",
    "must be a URI such as https://example.com/path"
  ]],
  ["format uuid", { format: "uuid" }, ["2EB8AA08-aa98-11ea-b4aa-73b441d16380"], ["2eb8aa08", "must be a UUID"]],
  ["format ipv4", { format: "ipv4" }, ["127.0.0.1"], ["127.0.0.01", "must be an IPv4 address"]],
  ["format ipv6", { format: "ipv6" }, ["::ffff:1.2.3.4"], ["1::2::3", "must be an IPv6 address"]],
  ["a format that is an annotation", { format: "hostname" }, ["-"]],
  ["required, each at its place", { required: ["a", "b"] }, [{ a: 1, b: null }], ["text"], [
    {},
    "[\"a\"]: is required",
    "[\"b\"]: is required"
  ]],
  ["properties", { properties: { a: { type: "string" }, b: { minimum: 1 } } }, [{ c: 1 }], [
    { a: 1, b: 0 },
    "[\"a\"]: must be a string, not a number",
    "[\"b\"]: must be at least 1"
  ]],
  [
    "additionalProperties",
    { properties: { a: true }, patternProperties: { "^x-": { type: "string" } }, additionalProperties: false },
    [{ a: 1, "x-b": "" }],
    [{ b: 1, "x-c": 2 }, "[\"b\"]: is not known here", "[\"x-c\"]: must be a string, not a number"]
  ],
  ["additionalProperties by a schema", { additionalProperties: { type: "null" } }, [{ a: null }], [
    { a: { b: 1 } },
    "[\"a\"]: must be null, not an object"
  ]],
  ["propertyNames", { propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [
    { abc: 1 },
    "[\"abc\"]: as a name must have at most 2 characters"
  ]],
  ["counts of members", { minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, "must have at least 1 member"], [
    { a: 1, b: 2, c: 3 },
    "must have at most 2 members"
  ]],
  ["dependentRequired", { dependentRequired: { a: ["b"] } }, [{ b: 1 }], [
    { a: 1 },
    "[\"b\"]: is required where \"a\" is there"
  ]],
  ["dependentSchemas", { dependentSchemas: { a: { required: ["b"] } } }, [{}], [{ a: 1 }, "[\"b\"]: is required"]],
  [
    "names of JavaScript",
    {
      properties: JSON.parse("{\"__proto__\":{\"type\":\"string\"},\"constructor\":{\"type\":\"number\"}}"),
      required: ["__proto__", "hasOwnProperty"],
      additionalProperties: false
    },
    [JSON.parse("{\"__proto__\":\"\",\"constructor\":1}"), "[\"hasOwnProperty\"]: is required"],
    [
      JSON.parse("{\"__proto__\":1,\"toString\":1,\"hasOwnProperty\":2}"),
      "[\"__proto__\"]: must be a string, not a number",
      "[\"toString\"]: is not known here",
      "[\"hasOwnProperty\"]: is not known here"
    ]
  ],
  ["values with names of JavaScript", { const: JSON.parse("{\"__proto__\":1}") }, [JSON.parse("{\"__proto__\":1}")], [
    {},
    "must be {\"__proto__\":1}"
  ]],
  ["items", { items: { type: "integer" } }, [[]], [[1, 2]], [
    [1, "a", 2, 0.5],
    "[1]: must be an integer, not a string",
    "[3]: must be an integer, not 0.5"
  ]],
  ["prefixItems", { prefixItems: [{ type: "string" }, true], items: false }, [["a"]], [["a", 1]], [
    [1, 2, 3],
    "[0]: must be a string, not a number",
    "[2]: is not allowed here"
  ]],
  ["counts of items", { minItems: 1, maxItems: 2 }, [[1]], [[], "must have at least 1 item"], [
    [1, 2, 3],
    "must have at most 2 items"
  ]],
  ["uniqueItems", { uniqueItems: true }, [[1, "1", true, [1], { a: 1 }, null]], [
    [{ a: 1, b: 2 }, 0, { b: 2, a: 1 }, -0],
    "[2]: is the same as item 0",
    "[3]: is the same as item 1"
  ]],
  ["contains", { contains: { const: 1 } }, [[2, 1]], [
    [2],
    "must contain at least 1 item that \"contains\" describes, not 0"
  ]],
  ["counts of contained items", { contains: { const: 1 }, minContains: 0, maxContains: 1 }, [[]], [[1]], [
    [1, 1],
    "must contain at most 1 item that \"contains\" describes, not 2"
  ]],
  ["allOf, without a problem of its own", { allOf: [{ required: ["a"] }, { required: ["a"] }] }, [{ a: 1 }], [
    {},
    "[\"a\"]: is required"
  ]],
  ["anyOf of types", { anyOf: [{ type: "string" }, { type: "null" }] }, ["a"], [
    1,
    "must be a string or null, not a number"
  ]],
  ["anyOf: the one form of that type", { anyOf: [{ type: "string" }, { type: "object", required: ["a"] }] }, [
    {},
    "[\"a\"]: is required"
  ]],
  [
    "oneOf: the form that the kind names",
    {
      oneOf: [
        { properties: { kind: { const: "a" }, x: { type: "number" } }, required: ["kind", "x"] },
        { properties: { kind: { const: "b" } }, required: ["kind", "y"] }
      ]
    },
    [{ kind: "b", y: 1 }],
    [{ kind: "a" }, "[\"x\"]: is required"],
    [{ kind: "c" }, "[\"kind\"]: must be \"a\" or \"b\""]
  ],
  ["anyOf: no form is nearest", { anyOf: [{ minimum: 5 }, { maximum: 1 }] }, [0], [3, "fits none of its 2 forms"]],
  ["oneOf: more than one fits", { oneOf: [{ minimum: 1 }, { minimum: 2 }] }, [1], [
    3,
    "fits more than one of its forms"
  ]],
  ["not", { not: { type: "string" } }, [1], ["a", "must not be what \"not\" describes"]],
  [
    "if",
    { if: { properties: { a: { const: 1 } }, required: ["a"] }, then: { required: ["b"] }, else: { required: ["c"] } },
    [
      { a: 1 },
      "[\"b\"]: is required"
    ],
    [{ a: 2 }, "[\"c\"]: is required"],
    [{ c: 1 }]
  ],
  ["$ref beside others", { $defs: { "a/b~%": { minimum: 1 } }, $ref: "#/$defs/a~1b~0%25", maximum: 3 }, [2], [
    0,
    "must be at least 1"
  ], [4, "must be at most 3"]],
  ["anchors", { $defs: { a: { $anchor: "here", type: "string" } }, items: { $ref: "#here" } }, [["a"]], [
    [1],
    "[0]: must be a string, not a number"
  ]],
  ["recursion over data", { type: "object", properties: { next: { $ref: "#" } }, required: ["id"] }, [{ id: 1 }], [
    { id: 1, next: { next: 2 } },
    "[\"next\",\"id\"]: is required",
    "[\"next\",\"next\"]: must be an object, not a number"
  ]],
  ["$dynamicRef", { $dynamicAnchor: "node", type: "array", items: { $dynamicRef: "#node" } }, [[[], [[]]]], [
    [[1]],
    "[0,0]: must be an array, not a number"
  ]],
  [
    "unevaluatedProperties",
    {
      allOf: [{ properties: { a: true } }],
      anyOf: [{ properties: { b: { const: 1 } }, required: ["b"] }, { properties: { c: true } }],
      unevaluatedProperties: false
    },
    [{ a: 1, b: 1 }],
    [{ c: 1 }],
    [{ b: 2, d: 1 }, "[\"b\"]: is not known here", "[\"d\"]: is not known here"]
  ],
  ["unevaluatedItems", { prefixItems: [true], contains: { type: "string" }, unevaluatedItems: { type: "null" } }, [
    [1, "a", null]
  ], [[1, "a", 2], "[2]: must be null, not a number"]],
  ["annotations and unknown keywords", { title: 1, default: [], examples: {}, "x-any": { type: 7 }, $comment: "" }, [1]]
]
