import { Clock, Effect, Schema } from "effect"
import { FixedWindow, isOpen, take } from "./FixedWindow.ts"
import type { FixedWindowAnswer, RateLimitRpc } from "./RateLimitRpc.ts"
import { FixedWindowRequest } from "./RateLimitRpc.ts"

const storageKey = "window"

/** An alarm comes so long after it was set, or later if the window is open longer: a busy key sets at most one a minute. */
const alarmAfterMillis = 60_000

/**
 * Counts the requests of one key in a Durable Object: exactly, as an object does one thing at a time. The window is kept
 * in memory and in the storage, so that an eviction doesn't reset it; an answer doesn't wait until it is on disk. An alarm
 * deletes all that is stored once the window is closed: a key that is never used again leaves nothing that has to be paid.
 */
export const make = (storage: DurableObjectStorage) => {
  let window: FixedWindow | undefined
  let loaded = false
  /** Whether the alarm is set; undefined: an earlier life of the object may have set it. */
  let isSet: boolean | undefined = false

  const load = Effect.gen(function*() {
    if (loaded) return
    const stored = storage.kv.get(storageKey)
    if (stored !== undefined) {
      window = yield* Schema.decodeUnknownEffect(FixedWindow)(stored)
      isSet = undefined
    }
    loaded = true
  })

  const setAlarm = (now: number, { expiresAt }: FixedWindow) => {
    isSet = true
    return storage.setAlarm(Math.max(expiresAt, now + alarmAfterMillis), { allowUnconfirmed: true })
  }

  const seeToAlarm = async (now: number, next: FixedWindow) => {
    if (isSet === undefined) {
      isSet = true
      if (await storage.getAlarm() !== null) return
    } else if (isSet) return
    await setAlarm(now, next)
  }

  const fixedWindow = Effect.fn("RateLimitCounter.fixedWindow")(function*(input: unknown) {
    const request = yield* Schema.decodeUnknownEffect(FixedWindowRequest)(input)
    yield* load
    const now = yield* Clock.currentTimeMillis
    const before = isOpen(window, now) ? window : undefined
    const { answer, next } = take(before, request, now)
    window = next
    if (next.count !== before?.count && next.count > 0) {
      void storage.put(storageKey, next, { allowUnconfirmed: true })
      void seeToAlarm(now, next)
    }
    return answer
  })

  const alarm = Effect.gen(function*() {
    yield* load
    isSet = false
    const now = yield* Clock.currentTimeMillis
    const open = isOpen(window, now) ? window : undefined
    window = open
    yield* Effect.promise(() => open === undefined ? storage.deleteAll() : setAlarm(now, open))
  }).pipe(Effect.withSpan("RateLimitCounter.alarm"))

  return {
    fixedWindow: (request: FixedWindowRequest): Promise<FixedWindowAnswer> => Effect.runPromise(fixedWindow(request)),
    /** The object's alarm has rung. */
    alarm: () => Effect.runPromise(alarm)
  } satisfies RateLimitRpc & { readonly alarm: () => Promise<void> }
}
