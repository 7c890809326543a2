import { Context, Deferred, Effect, Layer, Schedule } from "effect"
import { EngineUnavailable } from "../../domain/Errors.ts"
import * as Engine from "../../engine/Engine.ts"
import { LocalExecutor } from "../../engine/LocalExecutor.ts"
import { Children } from "../../services/Children.ts"
import { Executor } from "../../services/Executor.ts"
import { AlarmBell } from "./Alarm.ts"

/** After an alarm that could not be answered. */
const retryAfter = "1 second"

const orUnavailable = Effect.mapError((cause: unknown) => new EngineUnavailable({ cause }))

/** The engine of this process: executions call others through it, so it is there before the engine is built. */
class Bound extends Context.Service<Bound, Deferred.Deferred<LocalExecutor["Service"]>>()(
  "atlasit/layers/memory/Executor/Bound"
) {
  static readonly layer = Layer.effect(Bound, Deferred.make<LocalExecutor["Service"]>())
}

const port = Layer.effect(
  Executor,
  Effect.gen(function*() {
    const bound = yield* Bound
    const ask = <A, E>(question: (local: LocalExecutor["Service"]) => Effect.Effect<A, E>) =>
      orUnavailable(Effect.flatMap(Deferred.await(bound), question))

    return Executor.of({
      place: () => Effect.succeed("memory"),
      start: (_, snapshot, options) => ask((local) => local.start(snapshot, options)),
      state: ({ id }) => ask((local) => local.state(id)),
      logs: ({ id }) => ask((local) => local.logs(id)),
      watch: ({ id }, options) => ask((local) => local.watch(id, options)),
      cancel: ({ id }, reason) => ask((local) => local.cancel(id, reason)),
      signal: ({ id }, name, payload) => ask((local) => local.signal(id, name, payload)),
      ping: Effect.void
    })
  })
)

const host = Layer.effectDiscard(Effect.gen(function*() {
  const local = yield* LocalExecutor
  const bell = yield* AlarmBell
  yield* Deferred.succeed(yield* Bound, local)

  const answer = local.wake.pipe(
    Effect.tapError((error) => Effect.logWarning("The alarm could not be answered", error)),
    Effect.retry({ schedule: Schedule.spaced(retryAfter) })
  )
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(bell.ring, answer)))
}))

/** Executions run in this process, which also answers the alarm. */
export const layer = host.pipe(
  Layer.provideMerge(Engine.layer),
  Layer.provide(Children.layer),
  Layer.provideMerge(port),
  Layer.provide(Bound.layer)
)
