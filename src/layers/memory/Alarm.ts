import { Clock, Context, Effect, FiberHandle, Layer, Queue } from "effect"
import { Alarm } from "../../services/Alarm.ts"
import { Faults } from "./Faults.ts"

/** Lets the host of an executor in memory hear the alarm. */
export class AlarmBell extends Context.Service<AlarmBell, {
  /** Waits until the alarm rings, or answers at once if it rang unheard. */
  readonly ring: Effect.Effect<void>
}>()("atlasit/layers/memory/AlarmBell") {}

/** An alarm that is a sleeping fiber. It goes by the clock of whoever sets it, so that a test's clock drives it. */
export const layer: Layer.Layer<Alarm | AlarmBell, never, Faults> = Layer.effectContext(
  Effect.gen(function*() {
    const faults = yield* Faults
    const sleeper = yield* FiberHandle.make<void>()
    const rings = yield* Queue.sliding<void>(1)
    let setTo: number | undefined

    const sleepAndRing = Effect.fnUntraced(function*(millis: number) {
      yield* Effect.sleep(Math.max(0, millis - (yield* Clock.currentTimeMillis)))
      setTo = undefined
      yield* Queue.offer(rings, undefined)
    })

    const setNoLaterThan = Effect.fn("Alarm.setNoLaterThan")(function*(millis: number) {
      yield* faults.check("alarm.setNoLaterThan")
      if (setTo !== undefined && setTo <= millis) return
      setTo = millis
      yield* FiberHandle.run(sleeper, sleepAndRing(millis))
    })

    const clear = faults.check("alarm.clear").pipe(
      Effect.andThen(FiberHandle.clear(sleeper)),
      Effect.andThen(Effect.sync(() => setTo = undefined)),
      Effect.asVoid,
      Effect.withSpan("Alarm.clear")
    )

    return Context.make(Alarm, { setNoLaterThan, clear }).pipe(Context.add(AlarmBell, { ring: Queue.take(rings) }))
  })
)
