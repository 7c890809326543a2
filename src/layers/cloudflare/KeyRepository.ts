import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option, Schema } from "effect"
import type { ApiKeyId } from "../../domain/Ids.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { KeyFilter, StoredKey } from "../../services/KeyRepository.ts"
import { KeyRepository } from "../../services/KeyRepository.ts"
import { ApiKeyRow } from "../ApiKeyRow.ts"
import { storageErrorOf } from "../Operation.ts"
import { makePage } from "../Paging.ts"
import { Background } from "./Background.ts"
import { findKeyByDigest, insertKey, listKeys, noteUse } from "./KeyQueries.ts"

/** API keys in D1. */
export const layer = Layer.effect(
  KeyRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const insert = Effect.fn("KeyRepository.insert")(function*({ digest, ...key }: StoredKey, maximum: number) {
      const row = yield* Schema.encodeEffect(ApiKeyRow)(key)
      return (yield* insertKey(sql, row, digest, maximum)).length === 1
    }, storageErrorOf("keys.insert"))

    const findByDigest = Effect.fn("KeyRepository.findByDigest")(function*(digest: string) {
      return Option.fromUndefinedOr((yield* decodeRows(yield* findKeyByDigest(sql, digest)))[0])
    }, storageErrorOf("keys.findByDigest"))

    const find = Effect.fn("KeyRepository.find")(function*(id: ApiKeyId) {
      return Option.fromUndefinedOr((yield* decodeRows(yield* sql`SELECT * FROM api_keys WHERE id = ${id}`))[0])
    }, storageErrorOf("keys.find"))

    const list = Effect.fn("KeyRepository.list")(function*(filter: KeyFilter) {
      const found = yield* decodeRows(yield* listKeys(sql, filter))
      return makePage(found.slice(0, filter.limit), found.length)
    }, storageErrorOf("keys.list"))

    const remove = Effect.fn("KeyRepository.remove")(function*(id: ApiKeyId) {
      return (yield* sql`DELETE FROM api_keys WHERE id = ${id} RETURNING id`).length === 1
    }, storageErrorOf("keys.remove"))

    const used = Effect.fn("KeyRepository.used")(function*(id: ApiKeyId, at: Timestamp, before: Timestamp) {
      const background = yield* Background
      yield* background.run(
        noteUse(sql, id, at, before).pipe(
          storageErrorOf("keys.used"),
          Effect.catch((error) => Effect.logWarning("The use of a key could not be noted", error)),
          Effect.asVoid
        )
      )
    })

    return KeyRepository.of({ insert, findByDigest, find, list, remove, used })
  })
)

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(ApiKeyRow))
