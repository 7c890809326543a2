import { Clock, Duration, Effect, Layer, Option, Schema } from "effect"
import { ExecutionTrace } from "../../domain/ExecutionState.ts"
import type { ExecutionId } from "../../domain/Ids.ts"
import * as Timestamp from "../../domain/Timestamp.ts"
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
    const ttlOf = (millis: number) => Math.max(minimumTtlSeconds, Math.ceil(millis / 1_000))

    const put = Effect.fn("ExecutionArchive.put")(function*(
      id: ExecutionId,
      trace: ExecutionTrace,
      expiresAt: Timestamp.Timestamp | null
    ) {
      const json = yield* Schema.encodeEffect(TraceJson)(trace)
      const millis = expiresAt === null
        ? Duration.toMillis(retention)
        : Timestamp.toMillis(expiresAt) - (yield* Clock.currentTimeMillis)
      yield* Effect.tryPromise(() => kv.put(keyOf(id), json, { expirationTtl: ttlOf(millis) }))
    }, storageErrorOf("archive.put"))

    const get = Effect.fn("ExecutionArchive.get")(function*(id: ExecutionId) {
      const json = yield* Effect.tryPromise(() => kv.get(keyOf(id)))
      return json === null ? Option.none() : Option.some(yield* Schema.decodeEffect(TraceJson)(json))
    }, storageErrorOf("archive.get"))

    return ExecutionArchive.of({ put, get })
  })
)
