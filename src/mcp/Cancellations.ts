import { Effect, Option, Schema } from "effect"

/** How often a call looks whether its client has taken it back. */
const lookMillis = 500

/** A call that is being answered. */
interface Answering {
  /** The client has said that it does not wait any more. */
  cancelled: boolean
}

/**
 * Calls of the older revisions that clients take back: they say so by a request of its own, while the call's connection
 * stays open. Whoever answers the call may be another instance of the Worker: then the call ends by itself.
 */
export class Cancellations {
  private readonly calls = new Map<string, Array<Answering>>()

  /** Runs what answers a call, and interrupts it once its client has taken it back. */
  while<A, E, R>(name: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    const isCancelled = (call: Answering): Effect.Effect<never> =>
      Effect.flatMap(Effect.sleep(lookMillis), () => call.cancelled ? Effect.interrupt : isCancelled(call))
    return Effect.acquireUseRelease(
      Effect.sync(() => this.add(name)),
      // What a request waits for must not be ended by another request: it looks itself.
      (call) => Effect.raceFirst(effect, isCancelled(call)),
      (call) => Effect.sync(() => this.remove(name, call))
    )
  }

  /** Takes a call back. Of several that go by the same name none is: it may be another client's. */
  cancel(name: string): void {
    const [call, ...others] = this.calls.get(name) ?? []
    if (call !== undefined && others.length === 0) call.cancelled = true
  }

  private add(name: string): Answering {
    const call = { cancelled: false }
    this.calls.set(name, [...(this.calls.get(name) ?? []), call])
    return call
  }

  private remove(name: string, call: Answering): void {
    const others = (this.calls.get(name) ?? []).filter((other) => other !== call)
    if (others.length === 0) this.calls.delete(name)
    else this.calls.set(name, others)
  }
}

const decodeCancelled = Schema.decodeUnknownOption(Schema.Struct({
  method: Schema.Literal("notifications/cancelled"),
  params: Schema.Struct({ requestId: Schema.Union([Schema.String, Schema.Finite]) })
}))

/** The id of the call that a message takes back. */
export const cancelledId = (body: unknown): Option.Option<string | number> =>
  Option.map(decodeCancelled(body), ({ params }) => params.requestId)

/** What a call goes by: its id, which a client counts up, and all that tells one client from another. */
export const callName = (request: Request, keyId: string, id: string | number): string =>
  JSON.stringify([keyId, request.headers.get("cf-connecting-ip"), request.headers.get("user-agent"), id])
