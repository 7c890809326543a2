import type { Format } from "./Formats.ts"
import type { Pattern } from "./Pattern.ts"
import type { Place } from "./Problems.ts"

/** A schema that has been read: everything is allowed, nothing is, or what the rules say. */
export type Node = boolean | Rules

export const typeNames = ["null", "boolean", "object", "array", "number", "string", "integer"] as const
export type TypeName = typeof typeNames[number]

/** The values that `const` or `enum` allows, as canonical texts. */
export interface Choices {
  readonly texts: ReadonlySet<string>
  /** Whether an array or an object is among them. */
  readonly nested: boolean
  /** The first of them, for people. */
  readonly told: ReadonlyArray<string>
}

/** `$ref` or `$dynamicRef`: within one schema resource they mean the same. `target` is known when all has been read. */
export interface Reference {
  readonly text: string
  readonly place: Place
  target: Node
}

/** The keywords of one schema object that assert or apply something; annotations are left out. */
export interface Rules {
  readonly references: Array<Reference>
  type?: ReadonlyArray<TypeName> | undefined
  const?: Choices | undefined
  enum?: Choices | undefined
  multipleOf?: number | undefined
  maximum?: number | undefined
  exclusiveMaximum?: number | undefined
  minimum?: number | undefined
  exclusiveMinimum?: number | undefined
  maxLength?: number | undefined
  minLength?: number | undefined
  pattern?: Pattern | undefined
  format?: Format | undefined
  maxItems?: number | undefined
  minItems?: number | undefined
  uniqueItems?: boolean | undefined
  maxContains?: number | undefined
  minContains?: number | undefined
  maxProperties?: number | undefined
  minProperties?: number | undefined
  required?: ReadonlyArray<string> | undefined
  dependentRequired?: ReadonlyMap<string, ReadonlyArray<string>> | undefined
  allOf?: ReadonlyArray<Node> | undefined
  anyOf?: ReadonlyArray<Node> | undefined
  oneOf?: ReadonlyArray<Node> | undefined
  not?: Node | undefined
  if?: Node | undefined
  then?: Node | undefined
  else?: Node | undefined
  dependentSchemas?: ReadonlyMap<string, Node> | undefined
  prefixItems?: ReadonlyArray<Node> | undefined
  items?: Node | undefined
  contains?: Node | undefined
  properties?: ReadonlyMap<string, Node> | undefined
  patternProperties?: ReadonlyArray<readonly [Pattern, Node]> | undefined
  additionalProperties?: Node | undefined
  propertyNames?: Node | undefined
  unevaluatedItems?: Node | undefined
  unevaluatedProperties?: Node | undefined
}

/** The schemas that these rules apply to the same value: a cycle of them would never end. */
export const appliedInPlace = (rules: Rules): ReadonlyArray<Node> => [
  ...rules.references.map(({ target }) => target),
  ...rules.allOf ?? [],
  ...rules.anyOf ?? [],
  ...rules.oneOf ?? [],
  ...[rules.not, rules.if, rules.then, rules.else].filter((node) => node !== undefined),
  ...rules.dependentSchemas?.values() ?? []
]

/** A problem of a schema, and where in it. */
export interface SchemaProblem {
  readonly place: Place
  readonly message: string
}
