import type { Json, JsonObject } from "effect/Schema"
import { canonical, isObject, kindOf } from "../../domain/Json.ts"
import { cut } from "../../domain/Text.ts"
import type { Pattern } from "./Pattern.ts"
import { makePattern } from "./Pattern.ts"
import type { Place } from "./Problems.ts"
import { within } from "./Problems.ts"
import type { Choices, Node, Reference, Rules, SchemaProblem, TypeName } from "./Rules.ts"
import { typeNames } from "./Rules.ts"
import type { Work } from "./Work.ts"

/** Reads one keyword's value into the rules of its schema. */
export type Keyword = (reader: Reader, rules: Rules, value: Json, place: Place) => unknown

const toldChoices = 10
const toldCharacters = 60

/**
 * Reads the values that keywords have. A value of the wrong shape is a problem, and undefined.
 * Every schema object that was read is kept: references may point to those alone.
 */
export class Reader {
  readonly problems: Array<SchemaProblem> = []
  readonly rules = new Map<Json, Rules>()
  readonly anchors = new Map<string, Rules>()
  readonly references: Array<Reference> = []
  private readonly patterns = new Map<string, Pattern | string>()
  readonly work: Work
  private readonly keywords: ReadonlyMap<string, Keyword>

  constructor(keywords: ReadonlyMap<string, Keyword>, work: Work) {
    this.keywords = keywords
    this.work = work
  }

  schema(value: Json, place: Place): Node {
    if (typeof value === "boolean") return value
    if (!isObject(value)) {
      return this.refuse(place, `must be a schema: an object or a boolean, not ${kindOf(value)}`) ?? true
    }
    this.work.enter()
    const rules: Rules = { references: [] }
    this.rules.set(value, rules)
    for (const [name, member] of Object.entries(value)) {
      this.work.spend(1)
      this.keywords.get(name)?.(this, rules, member, within(place, name))
    }
    this.work.leave()
    return rules
  }

  refuse(place: Place, message: string): undefined {
    this.work.spend(1)
    this.problems.push({ place, message })
  }

  string(value: Json, place: Place): string | undefined {
    return typeof value === "string" ? value : this.mismatch(value, place, "a string")
  }

  boolean(value: Json, place: Place): boolean | undefined {
    return typeof value === "boolean" ? value : this.mismatch(value, place, "a boolean")
  }

  number(value: Json, place: Place): number | undefined {
    return typeof value === "number" && Number.isFinite(value) ? value : this.mismatch(value, place, "a number")
  }

  positive(value: Json, place: Place): number | undefined {
    return typeof value === "number" && Number.isFinite(value) && value > 0
      ? value
      : this.mismatch(value, place, "a number greater than 0")
  }

  count(value: Json, place: Place): number | undefined {
    return typeof value === "number" && Number.isInteger(value) && value >= 0
      ? value
      : this.mismatch(value, place, "a whole number, 0 or more")
  }

  types(value: Json, place: Place): ReadonlyArray<TypeName> | undefined {
    const names: ReadonlyArray<Json> = Array.isArray(value) ? value : [value]
    const types = typeNames.filter((name) => names.includes(name))
    return names.length > 0 && types.length === names.length
      ? types
      : this.refuse(place, `must be one of ${typeNames.join(", ")}, or an array of some of them, each once`)
  }

  choices(values: ReadonlyArray<Json>): Choices {
    const texts = new Set<string>()
    for (const value of values) {
      const text = canonical(value)
      this.work.spend(1 + (text.length >> 3))
      texts.add(text)
    }
    const first = values.slice(0, toldChoices).map((value) => shortened(JSON.stringify(value)))
    return {
      texts,
      nested: values.some((value) => typeof value === "object" && value !== null),
      told: values.length > toldChoices ? [...first, "…"] : first
    }
  }

  array(value: Json, place: Place): ReadonlyArray<Json> | undefined {
    return Array.isArray(value) ? value : this.mismatch(value, place, "an array")
  }

  /** Names, each once. */
  names(value: Json, place: Place): ReadonlyArray<string> | undefined {
    const names = this.array(value, place)
    const strings = names?.flatMap((name, index) => this.string(name, within(place, index)) ?? [])
    return strings === undefined ? undefined : [...new Set(strings)]
  }

  schemas(value: Json, place: Place): ReadonlyArray<Node> | undefined {
    if (!Array.isArray(value) || value.length === 0) {
      return this.mismatch(value, place, "an array of at least one schema")
    }
    return value.map((member: Json, index) => this.schema(member, within(place, index)))
  }

  object(value: Json, place: Place): JsonObject | undefined {
    return isObject(value) ? value : this.mismatch(value, place, "an object")
  }

  /** Something for each name. */
  byName<A>(value: Json, place: Place, read: (member: Json, place: Place) => A | undefined): ReadonlyMap<string, A> {
    const members = new Map<string, A>()
    for (const [name, member] of Object.entries(this.object(value, place) ?? {})) {
      const made = read(member, within(place, name))
      if (made !== undefined) members.set(name, made)
    }
    return members
  }

  schemasByName(value: Json, place: Place): ReadonlyMap<string, Node> {
    return this.byName(value, place, (member, at) => this.schema(member, at))
  }

  pattern(source: string, place: Place): Pattern | undefined {
    const pattern = this.patterns.get(source) ?? makePattern(source, this.work)
    this.patterns.set(source, pattern)
    return typeof pattern === "string" ? this.refuse(place, pattern) : pattern
  }

  anchor(value: Json, place: Place, rules: Rules): void {
    const name = this.string(value, place)
    if (name === undefined) return
    if (!anchorName.test(name)) {
      return this.refuse(place, "must begin with a letter or _, and go on with letters, digits, _ . -")
    }
    const other = this.anchors.get(name)
    if (other !== undefined && other !== rules) return this.refuse(place, "stands on another schema too")
    this.anchors.set(name, rules)
  }

  reference(value: Json, place: Place, rules: Rules): void {
    const text = this.string(value, place)
    if (text === undefined) return
    const reference: Reference = { text, place, target: true }
    rules.references.push(reference)
    this.references.push(reference)
  }

  private mismatch(value: Json, place: Place, expected: string): undefined {
    return this.refuse(place, `must be ${expected}, not ${typeof value === "number" ? value : kindOf(value)}`)
  }
}

const anchorName = /^[A-Za-z_][\w.-]*$/

const shortened = (text: string): string => text.length > toldCharacters ? `${cut(text, toldCharacters)}…` : text
