import { Cron, Result, Schema } from "effect"

const Timezone = Schema.NonEmptyString.check(
  Schema.makeFilter((name: string) =>
    isTimezone(name) ? undefined : "must be an IANA time zone such as \"Europe/Berlin\""
  )
)

const isTimezone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== ""
  } catch {
    return false
  }
}

const CronExpression = Schema.NonEmptyString
  .check(Schema.isMaxLength(200))
  .check(Schema.makeFilter((expression: string) =>
    Result.match(Cron.parse(expression), {
      onFailure: () => "must be a cron expression of 5 or 6 fields",
      onSuccess: (cron) => hasDay(cron, expression) ? undefined : "never fires: none of its months has such a day"
    })
  ))

/**
 * Whether there is a day on which it fires: of an expression without one, the next time can't be told. Days of the week
 * add to the days of the month, unless they begin with `*`: then both must hold.
 */
const hasDay = (cron: Cron.Cron, expression: string): boolean =>
  cron.days.size === 0 || cron.months.size === 0 || (cron.weekdays.size > 0 && !/\s\*\S*\s*$/.test(expression)) ||
  Math.min(...cron.days) <= Math.max(...[...cron.months].map((month) => longestMonths[month - 1] ?? 0))

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const Webhook = Schema.Struct({
  type: Schema.Literal("webhook"),
  secret: Schema.optionalKey(Schema.NonEmptyString),
  respond: Schema.optionalKey(Schema.Literals(["accepted", "result"]))
})

const Schedule = Schema.Struct({
  type: Schema.Literal("schedule"),
  cron: CronExpression,
  timezone: Schema.optionalKey(Timezone),
  inputs: Schema.optionalKey(Schema.JsonObject),
  overlap: Schema.optionalKey(Schema.Literals(["skip", "allow"])),
  catchUp: Schema.optionalKey(Schema.Literals(["none", "last", "all"]))
})

const Mcp = Schema.Struct({
  type: Schema.Literal("mcp"),
  tool: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,40}$/, { message: "must be 1 to 40 of A-Z a-z 0-9 _ -" }))
  ),
  description: Schema.optionalKey(Schema.NonEmptyString)
})

/** What starts a workflow besides the API. A string is short for an object with that `type`. */
export const Trigger = Schema.Union([Schema.Literals(["webhook", "schedule", "mcp"]), Webhook, Schedule, Mcp])
  .annotate({ identifier: "Trigger" })
export type Trigger = typeof Trigger.Type
