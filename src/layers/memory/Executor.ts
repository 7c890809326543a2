import { Effect, Layer, Schedule } from "effect"
import { EngineUnavailable } from "../../domain/Errors.ts"
import { LocalExecutor } from "../../engine/LocalExecutor.ts"
import { Executor } from "../../services/Executor.ts"
import { AlarmBell } from "./Alarm.ts"

/** After an alarm that could not be answered. */
const retryAfter = "1 second"

const orUnavailable = Effect.mapError((cause: unknown) => new EngineUnavailable({ cause }))

/** Executions run in this process, which also answers the alarm. */
export const layer = Layer.effect(
  Executor,
  Effect.gen(function*() {
    const local = yield* LocalExecutor
    const bell = yield* AlarmBell

    const answer = local.wake.pipe(
      Effect.tapError((error) => Effect.logWarning("The alarm could not be answered", error)),
      Effect.retry({ schedule: Schedule.spaced(retryAfter) })
    )
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(bell.ring, answer)))

    return Executor.of({
      place: () => Effect.succeed("memory"),
      start: (_, snapshot, options) => orUnavailable(local.start(snapshot, options)),
      state: ({ id }) => orUnavailable(local.state(id)),
      logs: ({ id }) => orUnavailable(local.logs(id)),
      cancel: ({ id }) => orUnavailable(local.cancel(id)),
      signal: ({ id }, name, payload) => orUnavailable(local.signal(id, name, payload)),
      ping: Effect.void
    })
  })
)
