import type { Json } from "effect/Schema"
import { isObject } from "../Json.ts"
import type { WebhookScheme } from "../Trigger.ts"

type Headers = Readonly<Record<string, string | undefined>>

/**
 * What the sender calls a delivery; undefined: nothing. `scheme` null: the request is not signed, so that its sender may
 * say what it likes.
 */
export const senderKey = (scheme: WebhookScheme | null, headers: Headers, content: Json): string | undefined => {
  switch (scheme) {
    case null:
      return headers["webhook-id"] || headers["idempotency-key"] || undefined
    case "standard":
      return headers["webhook-id"]
    case "github":
      return headers["x-github-delivery"] || undefined
    case "stripe":
      return textMember(content, "id")
    case "slack":
      return textMember(content, "event_id")
  }
}

const textMember = (content: Json, name: string): string | undefined => {
  const member = isObject(content) && Object.hasOwn(content, name) ? content[name] : undefined
  return typeof member === "string" && member !== "" ? member : undefined
}
