import type { Effect, Redacted } from "effect"
import { Context, Data } from "effect"
import type { WebhookScheme } from "../domain/Trigger.ts"

/** A request is not signed as it must be. The reason is for the log: a sender is not told which part was wrong. */
export class SignatureRefused extends Data.TaggedError("SignatureRefused")<{
  readonly reason:
    | "missing or malformed header"
    | "time out of bounds"
    | "no signature matches"
    | "secret not available"
}> {}

/** Checks the signatures of requests. */
export class WebhookSignatures extends Context.Service<WebhookSignatures, {
  /** The body is signed as it came, byte for byte. Headers are looked up by lower-case names. */
  readonly verify: (request: {
    readonly scheme: WebhookScheme
    readonly secret: Redacted.Redacted
    readonly headers: Readonly<Record<string, string | undefined>>
    readonly body: Uint8Array
  }) => Effect.Effect<void, SignatureRefused>
}>()("atlasit/services/WebhookSignatures") {}
