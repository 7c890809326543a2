import { Clock, Effect, Layer, Redacted, Result } from "effect"
import * as Mac from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Base64 from "effect/encoding/Base64"
import * as Hex from "effect/encoding/Hex"
import { Webhook } from "standardwebhooks"
import { Limits } from "../domain/Limits.ts"
import type { Claim } from "../domain/webhook/Signature.ts"
import { claimOf } from "../domain/webhook/Signature.ts"
import { SignatureRefused, WebhookSignatures } from "../services/WebhookSignatures.ts"

const encoder = new TextEncoder()

/**
 * Standard Webhooks by its own library; the others by HMAC-SHA-256. The times are held against the service's clock, which
 * the library would not ask.
 */
export const layer = Layer.effect(
  WebhookSignatures,
  Effect.gen(function*() {
    const { sign } = yield* Mac.Mac

    const hexOf = Effect.fnUntraced(function*(secret: string, { prefix }: Claim, body: Uint8Array) {
      const key = yield* Mac.key(Mac.hmacSha256, encoder.encode(secret))
      return [Hex.encode(yield* sign(key, joined(encoder.encode(prefix), body)))]
    }, Effect.orDie)

    const verify: WebhookSignatures["Service"]["verify"] = Effect.fn("WebhookSignatures.verify")(
      function*({ body, headers, scheme, secret }) {
        const claim = claimOf(scheme, headers)
        if (claim === undefined) return yield* new SignatureRefused({ reason: "missing or malformed header" })
        const seconds = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
        if (claim.signedAt !== null && Math.abs(seconds - claim.signedAt) > Limits.webhookClockSeconds) {
          return yield* new SignatureRefused({ reason: "time out of bounds" })
        }
        const value = Redacted.value(secret)
        const expected = scheme === "standard"
          ? standardSignatures(value, claim, body)
          : yield* hexOf(value, claim, body)
        // Every pair is compared, and every byte, so that the time taken tells nothing.
        const matches = claim.signatures.flatMap((given) => expected.map((one) => isSame(given, one)))
        if (!matches.includes(true)) return yield* new SignatureRefused({ reason: "no signature matches" })
      }
    )

    return WebhookSignatures.of({ verify })
  })
).pipe(Layer.provide(Mac.layerWebCrypto), Layer.provide(SecureRandom.layerWebCrypto))

/** By each of the keys that the secret may stand for: base64 of the key, as the specification has it, or the key itself. */
const standardSignatures = (secret: string, { id, signedAt }: Claim, body: Uint8Array): ReadonlyArray<string> => {
  const text = Result.try(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body))
  if (Result.isFailure(text)) return []
  const encoded = secret.startsWith(standardPrefix) ? secret.slice(standardPrefix.length) : secret
  const decoded = Base64.decode(encoded)
  const keys = [
    ...(Result.isSuccess(decoded) ? [decoded.success] : []),
    ...(encoded === secret ? [encoder.encode(secret)] : [])
  ]
  const date = new Date((signedAt ?? 0) * 1_000)
  return keys.filter(({ length }) => length > 0).map((key) =>
    // The library writes `v1,` before the signature.
    new Webhook(key, { format: "raw" }).sign(id, date, text.success).slice("v1,".length)
  )
}

const standardPrefix = "whsec_"

const isSame = (given: string, expected: string): boolean =>
  Mac.timingSafeEqual(encoder.encode(given), encoder.encode(expected))

const joined = (prefix: Uint8Array, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(prefix.length + body.length)
  bytes.set(prefix)
  bytes.set(body, prefix.length)
  return bytes
}
