import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { createHmac } from "node:crypto"
import { Webhook } from "standardwebhooks"
import type { WebhookScheme } from "../../src/domain/Trigger.ts"
import * as Layers from "../../src/layers/WebhookSignatures.ts"
import { WebhookSignatures } from "../../src/services/WebhookSignatures.ts"

type Headers = Readonly<Record<string, string>>

/** A request that is signed rightly, and how to sign others. */
interface Vector {
  readonly scheme: WebhookScheme
  readonly secret: string
  /** Seconds since 1970 when it was signed. */
  readonly at: number
  readonly body: string
  readonly headers: Headers
  /** The header with the signature. */
  readonly proof: string
  readonly sign: (secret: string, at: number, body: string) => Headers
}

const hmac = (secret: string, text: string) => createHmac("sha256", secret).update(text).digest("hex")

const vectors: ReadonlyArray<Vector> = [
  {
    // The example of the Standard Webhooks specification's libraries.
    scheme: "standard",
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    at: 1_614_265_330,
    body: "{\"test\": 2432232314}",
    headers: {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    },
    proof: "webhook-signature",
    sign: (secret, at, body) => ({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": String(at),
      "webhook-signature": new Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", new Date(at * 1_000), body)
    })
  },
  {
    // "Testing the webhook payload validation" in GitHub's documentation.
    scheme: "github",
    secret: "It's a Secret to Everybody",
    at: 1_614_265_330,
    body: "Hello, World!",
    headers: { "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" },
    proof: "x-hub-signature-256",
    sign: (secret, _, body) => ({ "x-hub-signature-256": `sha256=${hmac(secret, body)}` })
  },
  {
    // Stripe's documentation tells how to sign, and has no secret to its example.
    scheme: "stripe",
    secret: "whsec_test_secret",
    at: 1_492_774_577,
    body: "{\"id\": \"evt_1\", \"object\": \"event\"}",
    headers: {
      "stripe-signature":
        `t=1492774577,v1=${hmac("whsec_test_secret", "1492774577.{\"id\": \"evt_1\", \"object\": \"event\"}")},` +
        "v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"
    },
    proof: "stripe-signature",
    sign: (secret, at, body) => ({ "stripe-signature": `t=${at},v1=${hmac(secret, `${at}.${body}`)}` })
  },
  {
    // "Verifying requests from Slack" in Slack's documentation.
    scheme: "slack",
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    at: 1_531_420_618,
    body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V" +
      "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
      "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
      "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    headers: {
      "x-slack-request-timestamp": "1531420618",
      "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    },
    proof: "x-slack-signature",
    sign: (secret, at, body) => ({
      "x-slack-request-timestamp": String(at),
      "x-slack-signature": `v0=${hmac(secret, `v0:${at}:${body}`)}`
    })
  }
]

const verify = (
  vector: Vector,
  changes: {
    readonly headers?: Headers
    readonly body?: string | Uint8Array
    readonly secret?: string
    readonly late?: number
  } = {}
) =>
  Effect.gen(function*() {
    yield* TestClock.setTime((vector.at + (changes.late ?? 0)) * 1_000)
    const { verify } = yield* WebhookSignatures
    const body = changes.body ?? vector.body
    return yield* verify({
      scheme: vector.scheme,
      secret: Redacted.make(changes.secret ?? vector.secret),
      headers: changes.headers ?? vector.headers,
      body: typeof body === "string" ? new TextEncoder().encode(body) : body
    }).pipe(Effect.match({ onFailure: ({ reason }) => reason, onSuccess: () => "accepted" }))
  }).pipe(Effect.provide(Layers.layer))

const without = (headers: Headers, name: string): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name))

describe.each(vectors)("The signature of $scheme", (vector) => {
  it.effect("is the one of its documentation", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* verify(vector), "accepted")
      const { at, body, secret, sign } = vector
      assert.strictEqual(yield* verify(vector, { headers: sign(secret, at, body) }), "accepted")
    }))

  it.effect("is refused for another body, another secret, or without one of its headers", () =>
    Effect.gen(function*() {
      for (const body of ["", `${vector.body} `, vector.body.slice(1), vector.body.replace("t", "T")]) {
        assert.strictEqual(yield* verify(vector, { body }), body === vector.body ? "accepted" : "no signature matches")
      }
      assert.strictEqual(yield* verify(vector, { secret: `${vector.secret}x` }), "no signature matches")
      for (const name of Object.keys(vector.headers)) {
        assert.strictEqual(
          yield* verify(vector, { headers: without(vector.headers, name) }),
          "missing or malformed header"
        )
      }
      for (const value of ["", "v1", "v1,", "sha256=", "t=1,v1=", "v0=", "nonsense"]) {
        const headers = { ...vector.headers, [vector.proof]: value }
        assert.strictEqual(yield* verify(vector, { headers }), "missing or malformed header", value)
      }
    }))

  it.effect("is refused when it was cut, lengthened or changed", () =>
    Effect.gen(function*() {
      const proof = vector.sign(vector.secret, vector.at, vector.body)[vector.proof] ?? ""
      for (
        const value of [proof.slice(0, -1), `${proof}A`, proof.slice(0, -2) + (proof.endsWith("00") ? "11" : "00")]
      ) {
        const headers = { ...vector.headers, [vector.proof]: value }
        assert.notStrictEqual(yield* verify(vector, { headers }), "accepted", value)
      }
    }))

  it.effect("holds for bytes that are no text, where its scheme signs bytes", () =>
    Effect.gen(function*() {
      const body = Uint8Array.of(0xff, 0xfe, 0)
      assert.notStrictEqual(yield* verify(vector, { body }), "accepted")
    }))
})

describe("The time of a signature", () => {
  it.effect("may be 300 s from the service's clock, in either direction, and no more", () =>
    Effect.gen(function*() {
      for (const vector of vectors) {
        const expected = vector.scheme === "github" ? "accepted" : "time out of bounds"
        for (const late of [300, -300, 0]) assert.strictEqual(yield* verify(vector, { late }), "accepted")
        for (const late of [301, -301, 86_400]) assert.strictEqual(yield* verify(vector, { late }), expected)
      }
    }))

  it.effect("must be a number of seconds", () =>
    Effect.gen(function*() {
      const [standard] = vectors
      assert.isDefined(standard)
      if (standard === undefined) return
      for (const time of ["", "now", "-1", "1614265330.5", " 1614265330", "9".repeat(13)]) {
        const headers = { ...standard.headers, "webhook-timestamp": time }
        assert.strictEqual(yield* verify(standard, { headers }), "missing or malformed header", time)
      }
    }))
})

describe("Several signatures", () => {
  it.effect("need one that is right", () =>
    Effect.gen(function*() {
      for (const vector of vectors.filter(({ scheme }) => scheme === "standard" || scheme === "stripe")) {
        const right = vector.headers[vector.proof] ?? ""
        const others = vector.scheme === "standard"
          ? [`v1,AAAA ${right}`, `v1a,AAAA ${right} v2,BBBB`]
          : [right.replace(",v1=", ",v1=00,v1="), right.replace("t=", "v1=00,t=")]
        for (const value of others) {
          assert.strictEqual(
            yield* verify(vector, { headers: { ...vector.headers, [vector.proof]: value } }),
            "accepted"
          )
        }
      }
    }))
})

describe("A secret of Standard Webhooks", () => {
  const [standard] = vectors
  const headersFor = (key: Uint8Array) => ({
    ...standard?.headers,
    "webhook-signature": new Webhook(key, { format: "raw" })
      .sign("msg_p5jXN8AQM9LWM0D4loKWxJek", new Date((standard?.at ?? 0) * 1_000), standard?.body ?? "")
  })

  it.effect("may be base64 with or without whsec_, or any text", () =>
    Effect.gen(function*() {
      if (standard === undefined) return assert.fail()
      assert.strictEqual(yield* verify(standard, { secret: standard.secret.slice("whsec_".length) }), "accepted")
      const plain = "a passphrase, not base64"
      const headers = headersFor(new TextEncoder().encode(plain))
      assert.strictEqual(yield* verify(standard, { secret: plain, headers }), "accepted")
      assert.strictEqual(yield* verify(standard, { secret: `${plain}!`, headers }), "no signature matches")
    }))

  it.effect("that is no base64 after whsec_ accepts nothing, and is no defect", () =>
    Effect.gen(function*() {
      if (standard === undefined) return assert.fail()
      for (const secret of ["whsec_", "whsec_%%%", "whsec_a"]) {
        const exit = yield* Effect.exit(verify(standard, { secret }))
        assert.deepStrictEqual(exit, Exit.succeed("no signature matches"))
      }
    }))
})
