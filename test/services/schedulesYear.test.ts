import { assert, describe, it } from "@effect/vitest"
import { Cron } from "croner"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { Limits } from "../../src/domain/Limits.ts"
import * as Timestamp from "../../src/domain/Timestamp.ts"
import { insertWorkflows } from "../contract/Data.ts"
import { idleEngine, ledger, runsOver, scheduled, turn } from "./schedules.ts"

const begin = Date.UTC(2026, 0, 1)
const end = Date.UTC(2027, 0, 1)
const hour = 3_600_000

/** Zones whose clocks change at other days and hours, by half an hour, at midnight, in Ramadan, or never. */
const zones = [
  "Europe/Berlin",
  "Europe/London",
  "Europe/Dublin",
  "America/New_York",
  "America/Los_Angeles",
  "America/St_Johns",
  "America/Santiago",
  "America/Havana",
  "Africa/Cairo",
  "Africa/Casablanca",
  "Asia/Beirut",
  "Asia/Jerusalem",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Asia/Tokyo",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "Pacific/Auckland",
  "Pacific/Chatham",
  "UTC"
]

/** Most of them in the hours, and on the days, at which clocks change. */
const expressions = [
  "30 2 * * 6,0",
  "15 0 * * 0,5",
  "30 1 * * 0",
  "30 2 * * 0",
  "0,45 2 * * 0",
  "0 3 1,15 * *",
  "*/20 1-2 * 3,10,11 0",
  "59 23 28 * *",
  "0 */6 * * 0",
  "30 9 * * 1"
]

/** Those with several times in one hour of the day. */
const several = ["0,45 2 * * 0", "*/20 1-2 * 3,10,11 0"]

/** Whether the clock of a zone changes within three hours of a time. */
const isNearChange = (timezone: string, time: number): boolean => {
  const shown = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" })
  const offset = (millis: number) => shown.formatToParts(millis).find(({ type }) => type === "timeZoneName")?.value
  return offset(time - 3 * hour) !== offset(time + 3 * hour)
}

const catchUps = ["none", "last", "all"] as const

interface Case {
  readonly cron: string
  readonly timezone: string
  readonly catchUp: typeof catchUps[number]
}

/** When the other library says that it fires, from the begin to the end. */
const independent = ({ cron, timezone }: Case): Array<number> => {
  const other = new Cron(cron, { timezone, paused: true })
  const found: Array<number> = []
  for (let next = other.nextRun(new Date(begin)); next !== null && next.getTime() < end; next = other.nextRun(next)) {
    found.push(next.getTime())
  }
  return found
}

/** A service that is away in these spans: what it does at the end of one, it would have done before. */
const runYear = (cases: ReadonlyArray<Case>, away: ReadonlyArray<readonly [from: number, to: number]>) => {
  const engine = idleEngine()
  const workflows = cases.map((one, index) => scheduled(String(index), [one]))
  return Effect.gen(function*() {
    yield* TestClock.setTime(begin)
    yield* insertWorkflows(...workflows)
    const spans = [...away]
    let next = Option.getOrThrow((yield* turn).next)
    while (next < Timestamp.fromMillis(end)) {
      const time = Timestamp.toMillis(next)
      while (spans[0] !== undefined && spans[0][1] <= time) spans.shift()
      yield* TestClock.setTime(spans[0] !== undefined && spans[0][0] <= time ? spans[0][1] : time)
      next = Option.getOrThrow((yield* turn).next)
    }
    return { fires: yield* ledger, taken: engine.taken }
  }).pipe(Effect.provide(runsOver(engine.layer)))
}

const shown = (number: number, fireAt: number, status: string, until: number | null = null) =>
  `${number} ${Timestamp.fromMillis(fireAt)} ${status}${until === null ? "" : ` until ${Timestamp.fromMillis(until)}`}`

const ledgerShown = (fires: Effect.Success<typeof ledger>) =>
  fires.map(({ fireAt, status, until, workflowId }) =>
    shown(Number(workflowId), Timestamp.toMillis(fireAt), status, until === null ? null : Timestamp.toMillis(until))
  )

/** What the ledger says of the fires that the end of an absence finds. */
const afterAbsence = (number: number, catchUp: Case["catchUp"], fires: ReadonlyArray<number>, now: number) => {
  const overdue = fires.filter((fire) => now - fire > Limits.fireGraceMillis)
  const punctual = fires.filter((fire) => now - fire <= Limits.fireGraceMillis)
  const told = overdue.slice(-Limits.catchUpFires)
  const [first = 0] = overdue
  return [
    ...(overdue.length > told.length ? [shown(number, first, "missed", told[0])] : []),
    ...told.map((fire, index) => {
      const isCaughtUp = catchUp === "all" || (catchUp === "last" && index === told.length - 1)
      return shown(number, fire, isCaughtUp ? "late" : "missed")
    }),
    ...punctual.map((fire) => shown(number, fire, "started"))
  ]
}

/** The same numbers each time. */
const randoms = (seed: number) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32
  return seed / 2 ** 32
}

describe("a year of schedules", () => {
  it.effect("fires when an independent library says so: 200 schedules in 20 zones, none missing, none doubled", () =>
    Effect.gen(function*() {
      const cases = zones.flatMap((timezone) => expressions.map((cron): Case => ({ cron, timezone, catchUp: "none" })))
      assert.strictEqual(cases.length, 200)
      const { fires, taken } = yield* runYear(cases, [])
      const expected = cases.flatMap((one, number) => independent(one).map((fire) => shown(number, fire, "started")))
      assert.isAbove(expected.length, 15_000)
      // An expression with several times the other library takes to follow the clock as it is shown, whatever its hours
      // are: they come twice there, or not at all. FireTimes.test.ts has what is documented.
      const [ours, theirs] = [new Set(ledgerShown(fires)), new Set(expected)]
      const differing = [...ours].filter((line) => !theirs.has(line))
        .concat([...theirs].filter((line) => !ours.has(line)))
      assert.deepStrictEqual(
        differing.filter((line) => {
          const [number = "", fireAt = ""] = line.split(" ")
          const { cron = "", timezone = "" } = cases[Number(number)] ?? {}
          return !several.includes(cron) || !isNearChange(timezone, Date.parse(fireAt))
        }),
        []
      )
      assert.strictEqual(differing.length, 46)
      assert.strictEqual(ours.size, fires.length)
      assert.strictEqual(new Set(taken).size, taken.length)
      assert.strictEqual(taken.length, fires.length)
    }))

  it.effect("catches up as it is told when the service is away for random hours", () =>
    Effect.gen(function*() {
      const random = randoms(20_260_101)
      const away: Array<readonly [from: number, to: number]> = []
      for (let time = begin + 5 * hour; time < end - 99 * hour;) {
        const back = time + Math.ceil(random() * random() * 40 * hour)
        away.push([time, back])
        time = back + Math.ceil(random() * 240 * hour)
      }
      assert.isAbove(away.length, 40)
      const dense = [
        ...expressions.filter((cron) => !several.includes(cron)).slice(0, 6),
        "*/10 * * 4 *",
        "0 * * 7 *"
      ]
      const cases = zones.slice(0, 3).flatMap((timezone, zone) =>
        dense.map((cron, index): Case => ({ cron, timezone, catchUp: catchUps[(index + zone) % 3] ?? "none" }))
      )
      const { fires, taken } = yield* runYear(cases, away)
      const expected = cases.flatMap((one, number) => {
        let left = independent(one)
        const found = away.flatMap(([from, to]) => {
          const before = left.filter((fire) => fire < from)
          const during = left.filter((fire) => fire >= from && fire <= to)
          left = left.filter((fire) => fire > to)
          return [
            ...before.map((fire) => shown(number, fire, "started")),
            ...afterAbsence(number, one.catchUp, during, to)
          ]
        })
        return [...found, ...left.map((fire) => shown(number, fire, "started"))]
      })
      assert.deepStrictEqual(ledgerShown(fires).sort(), expected.sort())
      const count = (status: string) => expected.filter((line) => line.includes(` ${status}`)).length
      assert.strictEqual(taken.length, count("started") + count("late"))
      assert.strictEqual(new Set(taken).size, taken.length)
      assert.isAbove(count("late"), 100)
      assert.isAbove(count("missed"), 100)
      assert.isAbove(expected.filter((line) => line.includes("until")).length, 5)
    }))
})
