import { Duration, Effect, Layer, Option, Schema } from "effect"
import { ExecutionTrace } from "../../domain/ExecutionState.ts"
import type { ExecutionId } from "../../domain/Ids.ts"
import { AppConfig } from "../../services/AppConfig.ts"
import { ExecutionArchive } from "../../services/ExecutionArchive.ts"
import { storageErrorOf } from "../Operation.ts"
import { KeyValues } from "./Bindings.ts"

const TraceJson = Schema.fromJsonString(ExecutionTrace)

/** KV keeps a value for at least so many seconds. */
const minimumTtlSeconds = 60

const keyOf = (id: ExecutionId): string => `execution:${id}`

/** Traces in KV: one value for each execution, which expires with its retention. */
export const layer = Layer.effect(
  ExecutionArchive,
  Effect.gen(function*() {
    const kv = yield* KeyValues
    const { retention } = yield* AppConfig
    const expirationTtl = Math.max(minimumTtlSeconds, Math.ceil(Duration.toSeconds(retention)))

    const put = Effect.fn("ExecutionArchive.put")(function*(id: ExecutionId, trace: ExecutionTrace) {
      const json = yield* Schema.encodeEffect(TraceJson)(trace)
      yield* Effect.tryPromise(() => kv.put(keyOf(id), json, { expirationTtl }))
    }, storageErrorOf("archive.put"))

    const get = Effect.fn("ExecutionArchive.get")(function*(id: ExecutionId) {
      const json = yield* Effect.tryPromise(() => kv.get(keyOf(id)))
      return json === null ? Option.none() : Option.some(yield* Schema.decodeEffect(TraceJson)(json))
    }, storageErrorOf("archive.get"))

    return ExecutionArchive.of({ put, get })
  })
)
