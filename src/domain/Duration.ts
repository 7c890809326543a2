import { Schema } from "effect"

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const pattern = /^(\d{1,12})(ms|s|m|h|d)$/u

/** A length of time in a definition: whole milliseconds, or a text such as `"30s"`, `"5m"`, `"24h"`, `"30d"`. */
export const DurationInput = Schema.Union([
  Schema.Int.check(Schema.isGreaterThan(0)),
  Schema.String.check(
    Schema.isPattern(pattern, { message: "must be a duration such as \"30s\", \"5m\" or milliseconds" })
  )
]).annotate({ identifier: "Duration", description: "A duration: \"30s\", \"5m\", \"24h\", \"30d\", or milliseconds" })
export type DurationInput = typeof DurationInput.Type

/** A definition's length of time in milliseconds. */
export const toMillis = (input: DurationInput): number => {
  if (typeof input === "number") return input
  const [, amount, unit] = pattern.exec(input) ?? []
  // SAFETY: the schema admits only texts that match the pattern, whose unit is a key of `units`.
  return Number(amount) * units[unit as keyof typeof units]
}

/** A length of time between 1 ms and `maximum`. */
export const durationUpTo = (maximumMillis: number) => durationBetween(1, maximumMillis)

/** A length of time from `minimum` to `maximum`. */
export const durationBetween = (minimumMillis: number, maximumMillis: number) =>
  DurationInput.check(Schema.makeFilter((input: DurationInput) => {
    const millis = toMillis(input)
    return millis >= minimumMillis && millis <= maximumMillis
      ? undefined
      : `must be between ${minimumMillis} ms and ${maximumMillis} ms`
  }, { toJsonSchema: () => ({ ...(minimumMillis > 1 ? { minimum: minimumMillis } : {}), maximum: maximumMillis }) }))
