import { Schema } from "effect"
import type { Page } from "../domain/Page.ts"
import { encodeCursor } from "../domain/Page.ts"
import type { SecretSummary } from "../domain/Secret.ts"
import { Secret } from "../domain/Secret.ts"

/** A secret as a row holds it. */
export const SecretRow = Schema.Struct({
  ...Secret.fields,
  keyId: Schema.String,
  iv: Schema.String,
  ciphertext: Schema.String
})
export type SecretRow = typeof SecretRow.Type

/** A page of these secrets, of which the last was asked for only to see whether there is another page. */
export const secretPage = (secrets: ReadonlyArray<SecretSummary>, limit: number): Page<SecretSummary> => {
  const items = secrets.slice(0, limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: last !== undefined && secrets.length > limit
      ? encodeCursor({ createdAt: last.createdAt, id: last.name })
      : null
  }
}
