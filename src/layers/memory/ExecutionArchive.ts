import { Clock, Duration, Effect, Layer, Option, Schema } from "effect"
import { ExecutionTrace } from "../../domain/ExecutionState.ts"
import type { ExecutionId } from "../../domain/Ids.ts"
import * as Timestamp from "../../domain/Timestamp.ts"
import { AppConfig } from "../../services/AppConfig.ts"
import { ExecutionArchive } from "../../services/ExecutionArchive.ts"
import { storageErrorOf } from "../Operation.ts"
import { Faults } from "./Faults.ts"

const TraceJson = Schema.fromJsonString(ExecutionTrace)

/** Traces in the memory of this process, each until its retention ends. */
export const layer = Layer.effect(
  ExecutionArchive,
  Effect.gen(function*() {
    const faults = yield* Faults
    const { retention } = yield* AppConfig
    const traces = new Map<ExecutionId, { readonly json: string; readonly expiresAt: number }>()

    const put = Effect.fn("ExecutionArchive.put")(function*(
      id: ExecutionId,
      trace: ExecutionTrace,
      expiry: Timestamp.Timestamp | null
    ) {
      yield* faults.check("archive.put")
      const json = yield* Schema.encodeEffect(TraceJson)(trace)
      const expiresAt = expiry === null
        ? (yield* Clock.currentTimeMillis) + Duration.toMillis(retention)
        : Timestamp.toMillis(expiry)
      traces.set(id, { json, expiresAt })
    }, storageErrorOf("archive.put"))

    const get = Effect.fn("ExecutionArchive.get")(function*(id: ExecutionId) {
      yield* faults.check("archive.get")
      const stored = traces.get(id)
      if (stored === undefined || stored.expiresAt <= (yield* Clock.currentTimeMillis)) return Option.none()
      return Option.some(yield* Schema.decodeEffect(TraceJson)(stored.json))
    }, storageErrorOf("archive.get"))

    return ExecutionArchive.of({ put, get })
  })
)
