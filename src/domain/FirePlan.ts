import { fireReasons } from "./Fire.ts"
import type { FireTimes } from "./FireTimes.ts"
import { fireTimes } from "./FireTimes.ts"
import { Limits } from "./Limits.ts"
import type { ScheduleSpec } from "./Schedule.ts"
import * as Timestamp from "./Timestamp.ts"

/** What is recorded of a time that has come: it is to be started, or is missed. */
export interface PlannedFire {
  readonly fireAt: Timestamp.Timestamp
  readonly until: Timestamp.Timestamp | null
  readonly status: "due" | "missed"
  readonly reason: string | null
}

/** What is to be done about the times of a schedule that have come, oldest first, and when it fires next. */
export interface FirePlan {
  readonly fires: ReadonlyArray<PlannedFire>
  readonly next: Timestamp.Timestamp | null
}

/**
 * Plans the times from `from` to `now`. One that is older than `Limits.fireGraceMillis` was missed: `catchUp` says whether
 * it is started all the same. Of those that were missed the newest `Limits.catchUpFires` are told one by one; those before
 * are missed, and told as one.
 */
export const planFires = (
  { catchUp, cron, timezone }: Pick<ScheduleSpec, "catchUp" | "cron" | "timezone">,
  from: Timestamp.Timestamp,
  now: Timestamp.Timestamp
): FirePlan => {
  const times = fireTimes(cron, timezone)
  const [start, end] = [Timestamp.toMillis(from), Timestamp.toMillis(now)]
  const graceBegins = end - Limits.fireGraceMillis
  const { earlierFrom, overdue } = newestOverdue(times, start, graceBegins)
  const caughtUp = { none: 0, last: 1, all: overdue.length }[catchUp]
  const next = times.after(end)
  return {
    fires: [
      ...(earlierFrom === undefined ? [] : [missed(earlierFrom, overdue[0])]),
      ...overdue.map((time, index) => index < overdue.length - caughtUp ? missed(time) : due(time)),
      ...between(times, Math.max(start, graceBegins), end + 1).map(due)
    ],
    next: next === null ? null : Timestamp.fromMillis(next)
  }
}

const due = (time: number): PlannedFire => ({
  fireAt: Timestamp.fromMillis(time),
  until: null,
  status: "due",
  reason: null
})

const missed = (time: number, until?: number): PlannedFire => ({
  fireAt: Timestamp.fromMillis(time),
  until: until === undefined ? null : Timestamp.fromMillis(until),
  status: "missed",
  reason: fireReasons.missed
})

/** From the first time on, before the second; the newest `keep` of them. */
const between = (times: FireTimes, from: number, before: number, keep = Infinity): Array<number> => {
  const found: Array<number> = []
  for (let time = times.after(from - 1); time !== null && time < before; time = times.after(time)) {
    found.push(time)
    if (found.length > 2 * keep) found.splice(0, found.length - keep)
  }
  return keep === Infinity ? found : found.slice(-keep)
}

/** Looks back further and further, so that a long absence costs no more than a short one. */
const newestOverdue = (times: FireTimes, start: number, before: number) => {
  const first = times.after(start - 1)
  if (first === null || first >= before) return { overdue: [], earlierFrom: undefined }
  let overdue: Array<number> = []
  for (let span = 60_000, from = before; from > first && overdue.length < Limits.catchUpFires; span *= 2) {
    from = Math.max(first, before - span)
    overdue = between(times, from, before, Limits.catchUpFires)
  }
  return { overdue, earlierFrom: overdue[0] === first ? undefined : first }
}
