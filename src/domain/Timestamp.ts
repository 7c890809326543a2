import { Clock, DateTime, Effect, Schema } from "effect"

/** A point in time as the API shows it: RFC 3339, UTC, milliseconds (`2026-11-22T10:00:00.000Z`). Sorts as text. */
export const Timestamp = Schema.String
  .check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/))
  .annotate({ description: "RFC 3339, UTC, with milliseconds", format: "date-time" })
  .pipe(Schema.brand("Timestamp"))
export type Timestamp = typeof Timestamp.Type

/** Milliseconds since 1970 as a timestamp. */
export const fromMillis = (millis: number): Timestamp => Timestamp.make(new Date(millis).toISOString())

/** A timestamp as milliseconds since 1970. */
export const toMillis = (timestamp: Timestamp): number => Date.parse(timestamp)

/** The clock's time. */
export const now: Effect.Effect<Timestamp> = Effect.map(Clock.currentTimeMillis, fromMillis)

/** An RFC 3339 time of any offset, as a client may send it, taken to UTC. */
export const TimestampFromAnyOffset = Schema.DateTimeUtcFromString.annotate({ description: "RFC 3339" })

/** A decoded date as a timestamp. */
export const fromDateTime = (dateTime: DateTime.Utc): Timestamp => fromMillis(DateTime.toEpochMillis(dateTime))
