import { Schema } from "effect"
import { isObject } from "../src/domain/Json.ts"

/** The parts of a JSON Schema that the language's own schema uses to say what a member may be. */
export interface Node {
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly default?: Schema.Json
  readonly type?: string
  readonly enum?: ReadonlyArray<Schema.Json>
  readonly anyOf?: ReadonlyArray<Node>
  readonly pattern?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly items?: Node
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: boolean | Node
}

const inner = Schema.suspend((): Schema.Codec<Node, unknown> => Node)
const text = Schema.optionalKey(Schema.String)
const number = Schema.optionalKey(Schema.Finite)

/** Reads a part of a JSON Schema; the rest of it is left out. */
export const Node: Schema.Codec<Node, unknown> = Schema.Struct({
  $ref: text,
  title: text,
  description: text,
  default: Schema.optionalKey(Schema.Json),
  type: text,
  enum: Schema.optionalKey(Schema.Array(Schema.Json)),
  anyOf: Schema.optionalKey(Schema.Array(inner)),
  pattern: text,
  minimum: number,
  exclusiveMinimum: number,
  maximum: number,
  minLength: number,
  maxLength: number,
  items: Schema.optionalKey(inner),
  minItems: number,
  maxItems: number,
  properties: Schema.optionalKey(Schema.Record(Schema.String, inner)),
  required: Schema.optionalKey(Schema.Array(Schema.String)),
  additionalProperties: Schema.optionalKey(Schema.Union([Schema.Boolean, inner]))
})

/** The name of the definition that a node refers to, without the number that tells two of a name apart. */
const referred = ({ $ref }: Node): string | undefined => $ref?.replace("#/$defs/", "").replace(/_\d+$/, "")

/** Names that stand for themselves, with what is said of them in the page. */
const named: Readonly<Record<string, readonly [one: string, several: string]>> = {
  Expression: ["expression", "expressions"],
  FieldPath: ["path", "paths"],
  Step: ["step", "[steps](#steps)"],
  Trigger: ["trigger", "[triggers](#triggers)"],
  Retry: ["[retry](#retries)", "retries"],
  Undo: ["[undo](#undo)", "undos"],
  Settings: ["[settings](#settings)", "settings"],
  HttpAuth: ["[auth](#auth)", "auths"]
}

/** Whether the page has a word for the definition that a node refers to. */
export const isNamed = (node: Node): boolean => Object.hasOwn(named, referred(node) ?? "")

const code = (value: Schema.Json): string => `\`${JSON.stringify(value)}\``

const isDuration = ({ anyOf = [] }: Node): boolean => anyOf.some(({ pattern }) => pattern?.includes("(ms|s|m|h|d)"))

/** A node without the alternative that anything may be given by a template, which the page says once. */
export const withoutTemplate = (node: Node): Node => {
  const rest = node.anyOf?.filter((alternative) => referred(alternative) !== "Template")
  if (rest === undefined || rest.length === node.anyOf?.length) return node
  const { anyOf: _, ...notes } = node
  const [only] = rest
  return only !== undefined && rest.length === 1 ? { ...withoutTemplate(only), ...notes } : { ...notes, anyOf: rest }
}

/** What a member may be, in words: `whole number from 1 to 20`. */
export const typeOf = (node: Node, isOne = true): string => listed(wordsOf(node, isOne))

const wordsOf = (templated: Node, isOne: boolean): ReadonlyArray<string> => {
  const node = withoutTemplate(templated)
  if (isDuration(node)) return [`${isOne ? "duration" : "durations"}${lengthOf(node)}`]
  if (node.enum !== undefined) return node.enum.map(code)
  return node.properties === undefined && node.anyOf !== undefined
    ? node.anyOf.flatMap((alternative) => wordsOf(alternative, isOne))
    : [wordOf(node, isOne)]
}

const wordOf = (node: Node, isOne: boolean): string => {
  const name = referred(node)
  if (name !== undefined) {
    const words = named[name]
    if (words === undefined) throw new Error(`There is no word for ${name}`)
    return words[isOne ? 0 : 1]
  }
  switch (node.type) {
    case "string":
      return (isOne ? "text" : "texts") + range(node.minLength === 1 ? undefined : node.minLength, node.maxLength)
    case "integer":
    case "number":
      return numberOf(node, isOne)
    case "boolean":
      return isOne ? "`true` or `false`" : "booleans"
    case "array":
      return `list${node.items === undefined ? "" : ` of ${typeOf(node.items, false)}`}${
        range(node.minItems, node.maxItems)
      }`
    case "object":
      return objectOf(node, isOne)
    case "null":
      return "`null`"
    default:
      return "any JSON"
  }
}

const numberOf = ({ exclusiveMinimum, maximum, minimum, type }: Node, isOne: boolean): string => {
  const least = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1)
  const noun = type === "integer" ? (isOne ? "whole number" : "whole numbers") : isOne ? "number" : "numbers"
  const isBound = (bound: number | undefined) => bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER
  return noun + (isBound(least) && isBound(maximum)
    ? ` from ${count(least ?? 0)} to ${count(maximum ?? 0)}`
    : isBound(least)
    ? ` from ${count(least ?? 0)} on`
    : "")
}

const objectOf = ({ additionalProperties, properties = {} }: Node, isOne: boolean): string => {
  const names = Object.keys(properties)
  if (names.length > 0) return `\`{ ${names.join(", ")} }\``
  const values = typeof additionalProperties === "object" ? ` of ${typeOf(additionalProperties, false)}` : ""
  return `${isOne ? "object" : "objects"}${values}`
}

/** How long a text or a list may be. */
const range = (least: number | undefined, most: number | undefined): string =>
  most !== undefined
    ? ` (${least === undefined ? "at most" : `${count(least)} to`} ${count(most)})`
    : least === undefined
    ? ""
    : ` (at least ${count(least)})`

const lengthOf = ({ maximum, minimum }: Node): string =>
  maximum === undefined
    ? ""
    : minimum === undefined
    ? ` up to ${lasting(maximum)}`
    : ` from ${lasting(minimum)} to ${lasting(maximum)}`

const lasting = (millis: number): string =>
  millis > 86_400_000 && millis % 86_400_000 === 0
    ? `${count(millis / 86_400_000)} days`
    : millis % 3_600_000 === 0
    ? `${millis / 3_600_000} h`
    : millis % 60_000 === 0
    ? `${millis / 60_000} min`
    : millis % 1_000 === 0
    ? `${millis / 1_000} s`
    : `${millis} ms`

const count = (value: number): string => value.toLocaleString("en-US")

const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`

/** What stands for a member that is not set, in words. */
export const defaultOf = (node: Node, isRequired: boolean): string => {
  if (isRequired) return "required"
  if (node.default === undefined) return ""
  if (typeof node.default !== "number") return isObject(node.default) ? "an object" : code(node.default)
  return isDuration(node) ? lasting(node.default) : count(node.default)
}
