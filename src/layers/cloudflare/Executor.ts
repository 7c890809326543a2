import { Effect, Layer, Option, Schema } from "effect"
import { EngineUnavailable } from "../../domain/Errors.ts"
import type { Snapshot } from "../../domain/ExecutionState.ts"
import { Limits } from "../../domain/Limits.ts"
import type { StepRecord } from "../../domain/StepRecord.ts"
import { AppConfig } from "../../services/AppConfig.ts"
import type { ExecutionRef } from "../../services/Executor.ts"
import { Executor } from "../../services/Executor.ts"
import { ExecutionNamespace } from "./Bindings.ts"
import type { ExecutionRpc } from "./ExecutionRpc.ts"
import { LogsJson, ProgressJson, SnapshotJson, StateJson, StepsJson } from "./ExecutionRpc.ts"
import * as Placement from "./Placement.ts"

/** An object that has not answered by then, beyond what the call itself waits for, is not available. */
const answerMillis = 10_000

/** The name of the object that health checks ask. */
const healthObject = "health"

/** Executions run in Durable Objects: this is the way to them. */
export const layer = Layer.effect(
  Executor,
  Effect.gen(function*() {
    const namespace = yield* ExecutionNamespace
    const { executionObjects } = yield* AppConfig

    const objectOf = (placement: Placement.Placement): ExecutionRpc =>
      placement._tag === "Own"
        ? namespace.get(namespace.idFromString(placement.id))
        : namespace.get(namespace.idFromName(placement.name))

    const call = <A>(waitMillis: number, placement: Placement.Placement, ask: (object: ExecutionRpc) => Promise<A>) =>
      Effect.tryPromise({
        try: () => ask(objectOf(placement)),
        catch: (cause) => new EngineUnavailable({ cause })
      }).pipe(
        Effect.timeoutOrElse({
          duration: waitMillis + answerMillis,
          orElse: () => Effect.fail(new EngineUnavailable({ cause: "The object did not answer in time" }))
        })
      )

    const decoded = <A>(codec: Schema.Codec<A, string>) => {
      const decode = Schema.decodeEffect(codec)
      return (answer: string | null) =>
        answer === null
          ? Effect.succeed(Option.none<A>())
          : Effect.mapError(Effect.asSome(decode(answer)), (cause) => new EngineUnavailable({ cause }))
    }
    const decodeState = decoded(StateJson)
    const decodeLogs = decoded(LogsJson)
    const decodeProgress = decoded(ProgressJson)
    const encodeStart = Effect.fnUntraced(function*(snapshot: Snapshot, takenOver: ReadonlyArray<StepRecord> = []) {
      const json = yield* Schema.encodeEffect(SnapshotJson)(snapshot)
      if (takenOver.length === 0) return [json] as const
      return [json, new TextEncoder().encode(yield* Schema.encodeEffect(StepsJson)(takenOver))] as const
    }, Effect.mapError((cause) => new EngineUnavailable({ cause })))

    const ask = (ref: ExecutionRef, method: "state" | "logs") =>
      call(0, Placement.decode(ref.placement), (object) => object[method](ref.id))

    return Executor.of({
      place: (id) =>
        Effect.sync(() =>
          Placement.encode(
            executionObjects === 0
              ? { _tag: "Own", id: namespace.newUniqueId().toString() }
              : { _tag: "Named", name: Placement.sharedName(id, executionObjects) }
          )
        ),
      start: (placement, snapshot, { recovery, takenOver, waitMillis }) =>
        encodeStart(snapshot, takenOver).pipe(
          Effect.flatMap(([json, steps]) =>
            call(waitMillis, Placement.decode(placement), (object) => object.start(json, waitMillis, recovery, steps))
          ),
          Effect.flatMap(decodeState)
        ),
      state: (ref) => Effect.flatMap(ask(ref, "state"), decodeState),
      logs: (ref) => Effect.flatMap(ask(ref, "logs"), decodeLogs),
      watch: (ref, options) =>
        Effect.flatMap(
          call(options.waitMillis, Placement.decode(ref.placement), (object) => object.watch(ref.id, options)),
          decodeProgress
        ),
      cancel: (ref, reason) =>
        Effect.flatMap(
          call(
            Limits.cancelWaitMillis,
            Placement.decode(ref.placement),
            (object) => object.cancel(ref.id, reason)
          ),
          decodeState
        ),
      signal: (ref, name, payload) =>
        Effect.flatMap(
          call(
            0,
            Placement.decode(ref.placement),
            (object) => object.signal(ref.id, name, JSON.stringify(payload))
          ),
          decodeState
        ),
      ping: call(0, { _tag: "Named", name: healthObject }, (object) => object.ping())
    })
  })
)
