import { Cron, Result, Schema } from "effect"
import { Limits } from "./Limits.ts"

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

/** How a sender signs its requests. */
export const WebhookScheme = Schema.Literals(["standard", "github", "stripe", "slack"])
export type WebhookScheme = typeof WebhookScheme.Type

const Webhook = Schema.Struct({
  type: Schema.Literal("webhook"),
  secret: Schema.optionalKey(Schema.NonEmptyString).annotateKey({
    description: "The name of a secret; the request must then be signed with it"
  }),
  scheme: Schema.optionalKey(WebhookScheme).annotateKey({
    description: "How the sender signs with the secret: as Standard Webhooks, or as one of these services does",
    default: "standard"
  }),
  inputs: Schema.optionalKey(
    Schema.NonEmptyString.check(Schema.isMaxLength(Limits.expressionCharacters))
  ).annotateKey({
    description: "An expression over trigger, with its body: the execution's inputs. The body itself by default",
    examples: ["{ 'order': trigger.body.data.id, 'source': trigger.query.source }"]
  }),
  respond: Schema.optionalKey(Schema.Literals(["accepted", "result"])).annotateKey({
    description: "accepted: 202 with the execution's id; result: waits, and answers with the outputs",
    default: "accepted"
  })
}).annotate({ title: "webhook", description: "A request from outside" })

const Schedule = Schema.Struct({
  type: Schema.Literal("schedule"),
  cron: CronExpression.annotateKey({ description: "A cron expression of 5 or 6 fields", examples: ["0 9 * * 1-5"] }),
  timezone: Schema.optionalKey(Timezone).annotateKey({
    description: "The IANA time zone of the cron expression",
    default: "UTC",
    examples: ["Europe/Berlin"]
  }),
  inputs: Schema.optionalKey(Schema.JsonObject).annotateKey({ description: "The inputs of the executions" }),
  overlap: Schema.optionalKey(Schema.Literals(["skip", "allow"])).annotateKey({
    description: "Whether it starts an execution while the one that it started before still runs",
    default: "skip"
  }),
  catchUp: Schema.optionalKey(Schema.Literals(["none", "last", "all"])).annotateKey({
    description: "Which of the times are made up for that were missed",
    default: "none"
  })
}).annotate({ title: "schedule", description: "A time, again and again" })

const Mcp = Schema.Struct({
  type: Schema.Literal("mcp"),
  tool: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,40}$/u, { message: "must be 1 to 40 of A-Z a-z 0-9 _ -" }))
  ).annotateKey({
    description: "The tool's name: 1 to 40 characters of A-Z a-z 0-9 _ -; made from the workflow's by default",
    examples: ["onboard_joiner"]
  }),
  description: Schema.optionalKey(Schema.NonEmptyString).annotateKey({
    description: "What the tool does: the workflow's description by default"
  })
}).annotate({ title: "mcp", description: "A tool of its own for clients of MCP" })

/** What starts a workflow besides the API. A string is short for an object with that `type`. */
export const Trigger = Schema.Union([Schema.Literals(["webhook", "schedule", "mcp"]), Webhook, Schedule, Mcp])
  .annotate({
    identifier: "Trigger",
    description:
      "What starts the workflow besides the API. A string is short for an object with that `type`; the bare " +
      "string \"schedule\" names no time and never fires"
  })
export type Trigger = typeof Trigger.Type

/** What a workflow says of its webhook. */
export type WebhookTrigger = typeof Webhook.Type

/** The webhook among a workflow's triggers, if there is one. */
export const webhookOf = (triggers: ReadonlyArray<Trigger>): WebhookTrigger | undefined => {
  for (const trigger of triggers) {
    if (trigger === "webhook") return { type: "webhook" }
    if (typeof trigger === "object" && trigger.type === "webhook") return trigger
  }
  return undefined
}

/** What the expression of a webhook's inputs sees. */
export const webhookNames = ["trigger"] as const
