import type { Implementation } from "../Evaluation.ts"
import { failWith } from "../ExpressionFailure.ts"
import { ExpressionLimits as Limits } from "../ExpressionLimits.ts"
import { lent } from "../Jsonata.ts"
import type { Meter } from "../Meter.ts"
import { over } from "../Meter.ts"
import type { Value } from "../Values.ts"
import { isArray, isMembers } from "../Values.ts"

const ofNumber = (apply: (number: number, args: ReadonlyArray<Value>) => Value): Implementation => (_, args) =>
  typeof args[0] === "number" ? apply(args[0], args) : undefined

/** A function of all numbers of an array; without any it gives nothing. */
const ofNumbers =
  (apply: (numbers: ReadonlyArray<number>) => number, empty?: number): Implementation => ({ meter }, [values]) => {
    if (!isArray(values)) return undefined
    meter.work(values.length)
    const numbers = values.filter((value) => typeof value === "number")
    return numbers.length === 0 ? empty : apply(numbers)
  }

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

const number: Implementation = ({ meter }, [value]) => {
  if (value === undefined || typeof value === "number") return value
  if (typeof value === "boolean") return value ? 1 : 0
  if (typeof value === "string") {
    meter.read(value.length)
    if (/^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/.test(value) && Number.isFinite(Number(value))) return Number(value)
    if (/^(0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+)$/.test(value)) return Number(value)
  }
  throw failWith("D3030")
}

const power: Implementation = (_, [base, exponent]) => {
  if (typeof base !== "number") return undefined
  const result = base ** Number(exponent)
  if (!Number.isFinite(result)) throw failWith("D3061")
  return result
}

/** To the nearest even, at a decimal place. */
const round = (value: number, places: number): number => {
  const shifted = places === 0 ? value : shift(value, places)
  const rounded = Math.round(shifted)
  const even = Math.abs(rounded - shifted) === 0.5 && Math.abs(rounded % 2) === 1 ? rounded - 1 : rounded
  const result = places === 0 ? even : shift(even, -places)
  return result === 0 ? 0 : result
}

const shift = (value: number, places: number): number => {
  const [mantissa, exponent] = String(value).split("e")
  return Number(`${mantissa}e${Number(exponent ?? 0) + places}`)
}

const formatBase = ofNumber((value, [, base]) => {
  const radix = typeof base === "number" ? round(base, 0) : 10
  if (radix < 2 || radix > 36) throw failWith("D3100")
  return round(value, 0).toString(radix)
})

/** A picture is short: what is done with it need not be counted. */
export const checkPicture = (picture: Value): void => {
  if (typeof picture === "string" && picture.length > Limits.pictureCharacters) {
    throw over("picture", `has a picture of more than ${Limits.pictureCharacters} characters`)
  }
}

/** One of JSONata's own functions with a picture as its second argument. */
const pictured = (
  name: string,
  check: (args: ReadonlyArray<Value>, meter: Meter) => void = () => {}
): Implementation => {
  const { implementation } = lent(name)
  return ({ meter }, args) => {
    checkPicture(args[1])
    check(args, meter)
    meter.work(100)
    const result = implementation.call(undefined, ...args)
    return typeof result === "string" || typeof result === "number" ? result : undefined
  }
}

const checkOptions = ([, , options]: ReadonlyArray<Value>): void => {
  if (!isMembers(options)) return
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== "string" || value === "" || value.length > 16 || name.length > 32) {
      throw failWith("D3080", { token: "formatNumber" })
    }
  }
}

const checkLength = ([value]: ReadonlyArray<Value>): void => {
  if (typeof value === "string" && value.length > 1_000) {
    throw over("string", "reads a number of more than 1000 characters")
  }
}

/** A Roman numeral is made digit by digit, each thousand one of them. */
const checkRoman = ([value, picture]: ReadonlyArray<Value>): void => {
  if (typeof value === "number" && Math.abs(value) > 100_000 && typeof picture === "string" && /^i/i.test(picture)) {
    throw failWith("D1001")
  }
}

/** Functions of numbers, by name. */
export const numbers: Readonly<Record<string, Implementation>> = {
  sum: ofNumbers(sum, 0),
  max: ofNumbers((values) => values.reduce((most, value) => value > most ? value : most)),
  min: ofNumbers((values) => values.reduce((least, value) => value < least ? value : least)),
  average: ofNumbers((values) => sum(values) / values.length),
  number,
  floor: ofNumber(Math.floor),
  ceil: ofNumber(Math.ceil),
  abs: ofNumber(Math.abs),
  round: ofNumber((value, [, places]) => round(value, typeof places === "number" ? places : 0)),
  sqrt: ofNumber((value) => {
    if (value < 0) throw failWith("D3060")
    return Math.sqrt(value)
  }),
  power,
  formatBase,
  formatNumber: pictured("formatNumber", checkOptions),
  formatInteger: pictured("formatInteger", checkRoman),
  parseInteger: pictured("parseInteger", checkLength)
}
