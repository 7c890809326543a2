import { Schema } from "effect"
import { Inputs } from "./Execution.ts"
import { Fire } from "./Fire.ts"
import { fireTimes } from "./FireTimes.ts"
import { Limits } from "./Limits.ts"
import * as Timestamp from "./Timestamp.ts"
import type { Trigger } from "./Trigger.ts"

/** What a definition says of one of its schedules. */
export const ScheduleSpec = Schema.Struct({
  /** The expression and the zone; of several alike, the second and later ones with their number. */
  key: Schema.String,
  number: Schema.Int.annotate({ description: "Its place in the workflow's `triggers`, from 0" }),
  cron: Schema.String.annotate({ description: "The cron expression" }),
  timezone: Schema.String.annotate({ description: "The IANA time zone of the cron expression" }),
  inputs: Inputs,
  overlap: Schema.Literals(["skip", "allow"]).annotate({
    description: "Whether it starts an execution while the one that it started before still runs"
  }),
  catchUp: Schema.Literals(["none", "last", "all"]).annotate({
    description: "Which of the times are made up for that were missed"
  })
})
export type ScheduleSpec = typeof ScheduleSpec.Type

/** A schedule of a stored workflow, as the API shows it. */
export const Schedule = Schema.Struct({
  number: ScheduleSpec.fields.number,
  cron: ScheduleSpec.fields.cron,
  timezone: ScheduleSpec.fields.timezone,
  overlap: ScheduleSpec.fields.overlap,
  catchUp: ScheduleSpec.fields.catchUp,
  paused: Schema.Boolean,
  nextFireAt: Schema.NullOr(Timestamp.Timestamp).annotate({
    description: "When it fires next; null while it is paused or the workflow is inactive"
  }),
  nextFires: Schema.Array(Timestamp.Timestamp).annotate({ description: `The next ${Limits.nextFires} of its times` }),
  lastFire: Schema.NullOr(Fire).annotate({ description: "The newest entry of the ledger that is its own" })
}).annotate({ identifier: "Schedule", description: "When a workflow is started, again and again" })
export type Schedule = typeof Schedule.Type

/** When a schedule of a definition would fire. */
export const ScheduleForecast = Schema.Struct({
  number: ScheduleSpec.fields.number,
  nextFires: Schedule.fields.nextFires
}).annotate({ identifier: "ScheduleForecast" })

/** The schedules of a definition. The bare string "schedule" names no time, and is none. */
export const schedulesOf = (triggers: ReadonlyArray<Trigger>): ReadonlyArray<ScheduleSpec> => {
  const alike = new Map<string, number>()
  return triggers.flatMap((trigger, number) => {
    if (typeof trigger === "string" || trigger.type !== "schedule") return []
    const { catchUp = "none", cron, inputs = {}, overlap = "skip", timezone = "UTC" } = trigger
    const name = `${cron} ${timezone}`
    const count = (alike.get(name) ?? 0) + 1
    alike.set(name, count)
    const key = count === 1 ? name : `${name} #${count}`
    return [{ key, number, cron, timezone, inputs, overlap, catchUp }]
  })
}

/** When a schedule fires next after this time; null: never. */
export const nextFireAfter = (
  { cron, timezone }: Pick<ScheduleSpec, "cron" | "timezone">,
  after: Timestamp.Timestamp
): Timestamp.Timestamp | null => {
  const next = fireTimes(cron, timezone).after(Timestamp.toMillis(after))
  return next === null ? null : Timestamp.fromMillis(next)
}

/** The next times of a schedule after this one, `Limits.nextFires` of them. */
export const nextFiresAfter = (
  { cron, timezone }: Pick<ScheduleSpec, "cron" | "timezone">,
  after: number
): ReadonlyArray<Timestamp.Timestamp> => {
  const times = fireTimes(cron, timezone)
  const found: Array<Timestamp.Timestamp> = []
  for (let time = times.after(after); time !== null; time = times.after(time)) {
    found.push(Timestamp.fromMillis(time))
    if (found.length === Limits.nextFires) break
  }
  return found
}
