import { assert, describe, it } from "@effect/vitest"
import { senderKey } from "../../../src/domain/webhook/DeliveryKey.ts"

const headers = { "webhook-id": "msg_1", "x-github-delivery": "guid", "idempotency-key": "k" }
const content = { id: "evt_1", event_id: "Ev1" }

describe("senderKey", () => {
  it("is what each scheme calls a delivery", () => {
    assert.strictEqual(senderKey("standard", headers, content), "msg_1")
    assert.strictEqual(senderKey("github", headers, content), "guid")
    assert.strictEqual(senderKey("stripe", headers, content), "evt_1")
    assert.strictEqual(senderKey("slack", headers, content), "Ev1")
    assert.strictEqual(senderKey(null, headers, content), "msg_1")
    assert.strictEqual(senderKey(null, { "idempotency-key": "k" }, content), "k")
  })

  it("is nothing where the sender calls it nothing", () => {
    for (const scheme of [null, "github", "stripe", "slack"] as const) {
      for (const body of [{}, [], "text", { id: 1, event_id: "" }]) {
        assert.isUndefined(senderKey(scheme, {}, body), `${scheme} ${JSON.stringify(body)}`)
      }
    }
  })
})
