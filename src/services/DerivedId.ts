import { Effect } from "effect"
import type { Digest } from "effect/crypto/Digest"
import { sha256 } from "effect/crypto/Digest"
import * as Hex from "effect/encoding/Hex"
import { ExecutionId } from "../domain/Ids.ts"

/** The id that is derived from these parts, always the same: a UUID of version 8 (RFC 9562, section 5.8) over their SHA-256. */
export const derivedId = (
  { digest }: Digest["Service"],
  parts: ReadonlyArray<string | ReadonlyArray<number>>
): Effect.Effect<ExecutionId> =>
  Effect.map(digest(sha256, new TextEncoder().encode(JSON.stringify(parts))), (hash) => {
    const bytes = hash.slice(0, 16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const hex = Hex.encode(bytes)
    const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    return ExecutionId.make(groups.join("-"))
  })
