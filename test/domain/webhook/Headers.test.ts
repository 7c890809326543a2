import { assert, describe, it } from "@effect/vitest"
import { keptHeaders, visibleHeaders } from "../../../src/domain/webhook/Headers.ts"

const confidential = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "x-api-key",
  "x-auth-token",
  "x-gitlab-token",
  "webhook-signature",
  "x-hub-signature",
  "x-hub-signature-256",
  "stripe-signature",
  "x-slack-signature",
  "x-client-secret"
]
const open = ["content-type", "user-agent", "webhook-id", "webhook-timestamp", "x-github-event", "idempotency-key"]

describe("keptHeaders", () => {
  it("have no value that lets somebody in, or proves something", () => {
    const given = Object.fromEntries([...confidential, ...open].map((name) => [name.toUpperCase(), `value of ${name}`]))
    const kept = keptHeaders(given)
    assert.deepStrictEqual(kept, {
      ...Object.fromEntries(confidential.map((name) => [name, "[redacted]"])),
      ...Object.fromEntries(open.map((name) => [name, `value of ${name}`]))
    })
    assert.deepStrictEqual(Object.keys(visibleHeaders(kept)).sort(), [...open].sort())
  })
})
