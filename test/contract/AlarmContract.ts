import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Context, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Alarm } from "../../src/services/Alarm.ts"
import { epoch } from "./Data.ts"

/** Looks at an alarm from outside. */
export class AlarmProbe extends Context.Service<AlarmProbe, {
  /** Lets the time come, and tells whether the alarm rang until then. */
  readonly ringsBy: (millis: number) => Effect.Effect<boolean>
}>()("test/AlarmProbe") {}

/** What every alarm does. The layer begins with an alarm that is not set, each time it is built. */
export const alarmContract = (name: string, layer: Layer.Layer<Alarm | AlarmProbe>) =>
  describe(`Alarm on ${name}`, () => {
    const scenario = <E>(
      title: string,
      test: (alarm: Alarm["Service"], ringsBy: AlarmProbe["Service"]["ringsBy"]) => Effect.Effect<void, E>
    ) =>
      it.effect(title, () =>
        Effect.gen(function*() {
          yield* TestClock.setTime(epoch)
          const { ringsBy } = yield* AlarmProbe
          yield* test(yield* Alarm, (millis) => ringsBy(epoch + millis))
        }).pipe(Effect.provide(layer)))

    scenario("rings at its time, once", (alarm, ringsBy) =>
      Effect.gen(function*() {
        assert.isFalse(yield* ringsBy(500))
        yield* alarm.setNoLaterThan(epoch + 1_000)
        assert.isFalse(yield* ringsBy(999))
        assert.isTrue(yield* ringsBy(1_000))
        assert.isFalse(yield* ringsBy(9_000))
      }))

    scenario("keeps an earlier time", (alarm, ringsBy) =>
      Effect.gen(function*() {
        yield* alarm.setNoLaterThan(epoch + 1_000)
        yield* alarm.setNoLaterThan(epoch + 2_000)
        assert.isTrue(yield* ringsBy(1_000))
        assert.isFalse(yield* ringsBy(9_000))
      }))

    scenario("moves to an earlier time", (alarm, ringsBy) =>
      Effect.gen(function*() {
        yield* alarm.setNoLaterThan(epoch + 2_000)
        yield* alarm.setNoLaterThan(epoch + 1_000)
        assert.isFalse(yield* ringsBy(999))
        assert.isTrue(yield* ringsBy(1_000))
        assert.isFalse(yield* ringsBy(9_000))
      }))

    scenario("agrees on the earliest of times set at the same time", (alarm, ringsBy) =>
      Effect.gen(function*() {
        yield* Effect.forEach([3_000, 1_000, 2_000], (millis) => alarm.setNoLaterThan(epoch + millis), {
          concurrency: "unbounded",
          discard: true
        })
        assert.isTrue(yield* ringsBy(1_000))
        assert.isFalse(yield* ringsBy(9_000))
      }))

    scenario("can be set again after it rang, also to a later time", (alarm, ringsBy) =>
      Effect.gen(function*() {
        yield* alarm.setNoLaterThan(epoch + 1_000)
        assert.isTrue(yield* ringsBy(1_000))
        yield* alarm.setNoLaterThan(epoch + 3_000)
        assert.isFalse(yield* ringsBy(2_999))
        assert.isTrue(yield* ringsBy(3_000))
      }))

    scenario("doesn't ring once it was cleared, and can be set again", (alarm, ringsBy) =>
      Effect.gen(function*() {
        yield* alarm.clear
        yield* alarm.setNoLaterThan(epoch + 1_000)
        yield* alarm.clear
        assert.isFalse(yield* ringsBy(5_000))
        yield* alarm.setNoLaterThan(epoch + 6_000)
        assert.isTrue(yield* ringsBy(6_000))
      }))
  })
