import type { Json } from "effect/Schema"
import { canonical, kindOf } from "../../domain/Json.ts"
import { matches } from "./Pattern.ts"
import type { Place } from "./Problems.ts"
import { count, oneOf } from "./Problems.ts"
import type { Choices, Rules, TypeName } from "./Rules.ts"
import type { Run } from "./Run.ts"
import { refuse } from "./Run.ts"

/** `type`. */
export const fitsType = ({ type }: Rules, value: Json, place: Place, run: Run): boolean => {
  if (type === undefined || type.some((name) => isOfType(value, name))) return true
  const expected = type.map((name) => name === "null" ? name : `${/^[aio]/.test(name) ? "an" : "a"} ${name}`)
  const asked = expected.join(" or ")
  const message = typeof value === "number" && type.includes("integer")
    ? `must be ${asked}, not ${value}`
    : `must be ${asked}, not ${kindOf(value)}`
  run.problems?.tell({ place, message, kind: "type", expected })
  return false
}

const isOfType = (value: Json, name: TypeName): boolean => {
  switch (name) {
    case "null":
      return value === null
    case "array":
      return Array.isArray(value)
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value)
    case "integer":
      return Number.isInteger(value)
    case "boolean":
    case "number":
    case "string":
      return typeof value === name
  }
}

/** `const` and `enum`. */
export const fitsChoices = (rules: Rules, value: Json, place: Place, run: Run): boolean =>
  [rules.const, rules.enum].every((choices) => {
    if (choices === undefined || isAmong(choices, value, run)) return true
    const { told: expected } = choices
    const message = expected.length === 0 ? "is not allowed here" : `must be ${oneOf(expected)}`
    run.problems?.tell({ place, message, kind: "choice", expected })
    return false
  })

const isAmong = ({ nested, texts }: Choices, value: Json, run: Run): boolean =>
  (nested || typeof value !== "object" || value === null) && texts.has(textOf(value, run))

/** Equal values have equal texts. */
export const textOf = (value: Json, run: Run): string => {
  const text = canonical(value)
  run.work.spend(1 + (text.length >> 2))
  return text
}

const stepsToDivide = 10

/** The keywords of numbers. */
export const fitsNumber = (rules: Rules, value: number, place: Place, run: Run): boolean => {
  const { exclusiveMaximum, exclusiveMinimum, maximum, minimum, multipleOf } = rules
  if (multipleOf !== undefined) run.work.spend(stepsToDivide)
  const wrong = minimum !== undefined && value < minimum
    ? `must be at least ${minimum}`
    : exclusiveMinimum !== undefined && value <= exclusiveMinimum
    ? `must be more than ${exclusiveMinimum}`
    : maximum !== undefined && value > maximum
    ? `must be at most ${maximum}`
    : exclusiveMaximum !== undefined && value >= exclusiveMaximum
    ? `must be less than ${exclusiveMaximum}`
    : multipleOf !== undefined && !isMultiple(value, multipleOf)
    ? `must be a multiple of ${multipleOf}`
    : undefined
  return wrong === undefined || refuse(run, place, wrong)
}

/** Exact, on the decimals as they are written: 0.3 is a multiple of 0.1. */
const isMultiple = (value: number, divisor: number): boolean => {
  if (!Number.isFinite(value)) return false
  const [a, b] = [decimal(value), decimal(divisor)]
  const exponent = Math.min(a.exponent, b.exponent)
  const whole = ({ digits, exponent: own }: Decimal) => digits * 10n ** BigInt(own - exponent)
  return whole(a) % whole(b) === 0n
}

interface Decimal {
  readonly digits: bigint
  readonly exponent: number
}

const decimal = (value: number): Decimal => {
  const [coefficient = "0", exponent = "0"] = String(value).split("e")
  const [whole = "0", fraction = ""] = coefficient.split(".")
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

/** The keywords of strings. A pattern is not tried on a text of a wrong length. */
export const fitsString = (rules: Rules, value: string, place: Place, run: Run): boolean => {
  const { format, maxLength, minLength, pattern } = rules
  if (minLength !== undefined || maxLength !== undefined) {
    const length = charactersOf(value, run)
    if (length < (minLength ?? 0)) {
      return refuse(
        run,
        place,
        value === "" ? "must not be empty" : `must have at least ${count(minLength ?? 0, "character")}`
      )
    }
    if (length > (maxLength ?? Infinity)) {
      return refuse(run, place, `must have at most ${count(maxLength ?? 0, "character")}`)
    }
  }
  let answer = true
  if (pattern !== undefined && !matches(pattern, value, run.work)) {
    answer = refuse(run, place, `must match the pattern ${pattern.source}`)
  }
  if (format !== undefined && !fitsFormat(format.fits, value, run)) {
    answer = refuse(run, place, `must be ${format.expected}`)
  }
  return answer
}

const fitsFormat = (isFitting: (text: string) => boolean, value: string, run: Run): boolean => {
  run.work.spend(1 + (value.length >> 4))
  return isFitting(value)
}

/** Unicode characters, of which some take two units. */
const charactersOf = (text: string, run: Run): number => {
  run.work.spend(1 + (text.length >> 4))
  let characters = 0
  for (const _ of text) characters += 1
  return characters
}
