import { Cron, DateTime, Option, Result } from "effect"

/** The times at which a cron expression fires. */
export interface FireTimes {
  /** The first one later than this time, in milliseconds since 1970; null: there is none. */
  readonly after: (millis: number) => number | null
}

/**
 * The times at which an expression fires by the clock of a zone.
 *
 * An expression whose hours begin with `*` fires whenever that clock shows a time that fits: twice in an hour that comes
 * twice, and not in one that is skipped. Any other fires once for each of its local times: at the first of two, and for a
 * skipped one at the moment at which the clock jumps past it.
 */
export const fireTimes = (expression: string, timezone: string): FireTimes => {
  const wall = wallTimes(expression)
  const zone = zoneOf(timezone)
  const [hours = ""] = expression.trim().split(/\s+/).slice(-4)
  return { after: hours.startsWith("*") ? asShown(wall, zone) : oncePerLocalTime(wall, zone) }
}

type Next = (millis: number) => number | null

/** Follows the expression on a clock that never changes: local times are written as if they were UTC. */
const wallTimes = (expression: string): Next => {
  const cron = Cron.parseUnsafe(expression, DateTime.zoneMakeOffset(0))
  return (millis) => Result.getOrNull(Result.try(() => Cron.next(cron, millis).getTime()))
}

const asShown = (wall: Next, zone: Zone): Next => (after) => {
  let [from, start, offset] = [after, after, zone.offsetAt(after)]
  while (true) {
    const local = wall(from + offset)
    if (local === null) return null
    const change = zone.firstChange(start, local - offset)
    if (change === undefined) return local - offset
    ;[from, start, offset] = [change - 1, change, zone.offsetAt(change)]
  }
}

const oncePerLocalTime = (wall: Next, zone: Zone): Next => (after) => {
  let local = wall(after + zone.offsetAt(after))
  while (local !== null) {
    const time = firstMoment(zone, local)
    if (time > after) return time
    local = wall(local)
  }
  return null
}

/** When the clock shows this local time first, or jumps past it. */
const firstMoment = (zone: Zone, local: number): number => {
  const before = zone.offsetAt(local - daysAround)
  const after = zone.offsetAt(local + daysAround)
  if (before === after || zone.offsetAt(local - before) === before) return local - before
  return zone.offsetAt(local - after) === after
    ? local - after
    : zone.firstChange(local - after, local - before) ?? local - before
}

/** Local time is at most 14 hours from UTC, and a zone may skip a day; in so few days its clock changes once at most. */
const daysAround = 40 * 3_600_000

/** A zone's distance from UTC in milliseconds, and when it changes. */
interface Zone {
  readonly offsetAt: (millis: number) => number
  /** The first moment of another offset, after `from` and up to `to`. */
  readonly firstChange: (from: number, to: number) => number | undefined
}

/** A clock that changes stays so for longer: Morocco's, for the month of Ramadan, is the shortest. */
const strideMillis = 7 * 86_400_000

const zoneOf = (timezone: string): Zone => {
  const zone = Option.getOrThrow(DateTime.zoneFromString(timezone))
  const ask = (millis: number) => DateTime.zonedOffset(DateTime.makeZonedUnsafe(millis, { timeZone: zone }))
  let known = { from: Infinity, to: -Infinity, offset: 0 }

  const offsetAt = (millis: number): number => {
    if (millis >= known.from && millis <= known.to) return known.offset
    const offset = ask(millis)
    const to = millis + strideMillis
    known = { from: millis, to: ask(to) === offset ? to : millis, offset }
    return offset
  }

  const firstChange = (from: number, to: number): number | undefined => {
    const offset = offsetAt(from)
    let [same, other] = [from, from]
    while (other < to && offsetAt(other) === offset) [same, other] = [other, Math.min(other + strideMillis, to)]
    if (offsetAt(other) === offset) return undefined
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2)
      if (ask(middle) === offset) same = middle
      else other = middle
    }
    return other
  }

  return { offsetAt, firstChange }
}
