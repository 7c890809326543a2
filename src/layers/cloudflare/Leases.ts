import { Effect, Layer, Schema } from "effect"
import type { ExecutionId } from "../../domain/Ids.ts"
import type { LeaseRequest } from "../../services/Leases.ts"
import { Leases } from "../../services/Leases.ts"
import { storageErrorOf } from "../Operation.ts"
import { LeaseNamespace } from "./Bindings.ts"
import { Answer, Released } from "./LeaseRpc.ts"

/** An object that has not answered by then is not available. It may have to ask the database first. */
const answerWithin = "10 seconds"

/** Slots are held by Durable Objects, one for each scope. */
export const layer = Layer.effect(
  Leases,
  Effect.gen(function*() {
    const namespace = yield* LeaseNamespace
    const decodeAnswer = Schema.decodeUnknownEffect(Answer)
    const decodeReleased = Schema.decodeUnknownEffect(Released)

    const acquire = Effect.fn("Leases.acquire")(function*({ scope, ...request }: LeaseRequest) {
      const answer = yield* Effect.tryPromise(() => namespace.getByName(scope).acquire(request)).pipe(
        Effect.timeout(answerWithin)
      )
      return yield* decodeAnswer(answer)
    }, storageErrorOf("leases.acquire"))

    const release = Effect.fn("Leases.release")(function*(scope: string, id: ExecutionId) {
      const released = yield* Effect.tryPromise(() => namespace.getByName(scope).release(id)).pipe(
        Effect.timeout(answerWithin)
      )
      return yield* decodeReleased(released)
    }, storageErrorOf("leases.release"))

    return Leases.of({ acquire, release })
  })
)
