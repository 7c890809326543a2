import { Clock, DateTime, Effect, Schema } from "effect"

/** A point in time as the API shows it: RFC 3339, UTC, milliseconds (`2026-11-22T10:00:00.000Z`). Sorts as text. */
export const Timestamp = Schema.String
  .check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u, {
    message: "must be an RFC 3339 time in UTC with milliseconds such as 2026-11-22T10:00:00.000Z"
  }))
  .annotate({ description: "RFC 3339, UTC, with milliseconds", format: "date-time" })
  .pipe(Schema.brand("Timestamp"))
export type Timestamp = typeof Timestamp.Type

/** Milliseconds since 1970 as a timestamp. */
export const fromMillis = (millis: number): Timestamp => {
  if (millis !== last.millis) last = { millis, timestamp: Timestamp.make(new Date(millis).toISOString()) }
  return last.timestamp
}

/** Many a time is asked for again in the same millisecond. */
let last = { millis: 0, timestamp: Timestamp.make("1970-01-01T00:00:00.000Z") }

/** A timestamp as milliseconds since 1970. */
export const toMillis = (timestamp: Timestamp): number => Date.parse(timestamp)

/** The clock's time. */
export const now: Effect.Effect<Timestamp> = Effect.map(Clock.currentTimeMillis, fromMillis)

/** An RFC 3339 time of any offset, kept as it was written. */
export const Rfc3339 = Schema.String
  .annotate({ description: "RFC 3339, any offset" })
  .check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/u, {
    message: "must be an RFC 3339 time such as 2026-11-22T10:00:00Z"
  }))
  .check(Schema.makeFilter((text: string) => isDay(text.slice(0, 10)) ? undefined : "must name a day that exists"))

/** `Date` takes the 30th of February for the 2nd of March. */
const isDay = (text: string): boolean => {
  const millis = Date.parse(`${text}T00:00:00.000Z`)
  return !Number.isNaN(millis) && new Date(millis).toISOString().startsWith(text)
}

/** An RFC 3339 time of any offset, as a client may send it, taken to UTC: from the year 0 to 9999 there too. */
export const TimestampFromAnyOffset = Rfc3339
  .pipe(Schema.decodeTo(Schema.DateTimeUtcFromString))
  .check(Schema.makeFilter((time: DateTime.Utc) => {
    const year = DateTime.getPartUtc(time, "year")
    return year >= 0 && year <= 9999 ? undefined : "must be between the years 0 and 9999"
  }))

/** A decoded date as a timestamp. */
export const fromDateTime = (dateTime: DateTime.Utc): Timestamp => fromMillis(DateTime.toEpochMillis(dateTime))
