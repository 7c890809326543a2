import { Clock, Effect, Layer, Option, PubSub, Schedule } from "effect"
import { toMillis } from "../../domain/Timestamp.ts"
import { ScheduleRuns } from "../../services/ScheduleRuns.ts"
import { ScheduleTable } from "./ScheduleTable.ts"

/** After a turn that failed. */
const retryAfter = "1 second"

/** Drives the schedules of this process by its clock: a fiber that sleeps until the next fire, or until they change. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const runs = yield* ScheduleRuns
  const { changes } = yield* ScheduleTable
  const changed = yield* PubSub.subscribe(changes)

  const turn = runs.turn.pipe(
    Effect.tapError((error) => Effect.logWarning("The schedules could not be looked at", error)),
    Effect.retry({ schedule: Schedule.spaced(retryAfter) })
  )
  const round = Effect.gen(function*() {
    const { next } = yield* turn
    const now = yield* Clock.currentTimeMillis
    const nextFire = Option.isNone(next) ? Effect.never : Effect.sleep(Math.max(0, toMillis(next.value) - now))
    yield* Effect.race(nextFire, PubSub.take(changed))
  })
  yield* Effect.forkScoped(Effect.forever(round))
}))
