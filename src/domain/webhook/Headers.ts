import type { JsonObject } from "effect/Schema"
import type { DeliveryDetail } from "../Delivery.ts"

type Headers = Readonly<Record<string, string | undefined>>

/** What a name says that holds something secret, or proves something: signatures too, as they can be tried against. */
const confidential = /auth|cookie|credential|key|password|secret|session|signature|token/

const redacted = "[redacted]"

/** Headers as they are kept: nothing confidential in them. Idempotency keys are ids, not keys. */
export const keptHeaders = (headers: Headers): DeliveryDetail["headers"] =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([given, value]) => {
      const name = given.toLowerCase()
      return value === undefined ? [] : [[name, isConfidential(name) ? redacted : value]]
    })
  )

/** What expressions see of kept headers: none that was redacted. */
export const visibleHeaders = (kept: DeliveryDetail["headers"]): JsonObject =>
  Object.fromEntries(Object.entries(kept).filter(([name]) => !isConfidential(name)))

const isConfidential = (name: string): boolean => name !== "idempotency-key" && confidential.test(name)
