import { D1Client } from "@effect/sql-d1"
import { assert, describe, it } from "@effect/vitest"
import { env } from "cloudflare:workers"
import { Effect, Layer } from "effect"
import type { Fragment } from "effect/sql/Statement"
import * as Bindings from "../../src/layers/cloudflare/Bindings.ts"
import { listSecrets, secretsUnder, secretValues } from "../../src/layers/cloudflare/SecretQueries.ts"
import * as Sql from "../../src/layers/cloudflare/Sql.ts"
import { at, tenantA } from "../contract/Data.ts"

const sqlLayer = Layer.provide(Sql.layer, Bindings.layer(env))

/** Each query, and the one way by which it must reach the table. */
const queries: ReadonlyArray<readonly [title: string, index: string, query: (sql: D1Client.D1Client) => Fragment]> = [
  [
    "a page of a tenant's secrets",
    "sqlite_autoindex_secrets_1 (tenant_id=?)",
    (sql) => listSecrets(sql, { tenantId: tenantA, limit: 50, after: { createdAt: at(1), id: "A" } })
  ],
  [
    "secrets of a tenant by name",
    "sqlite_autoindex_secrets_1 (tenant_id=? AND name=?)",
    (sql) => secretValues(sql, tenantA, ["A", "B"])
  ],
  ["secrets under a key", "secrets_by_key (key_id=?)", (sql) => secretsUnder(sql, "0badcafe", 100)]
]

describe("Query plans of secrets on D1", () => {
  it.effect.each(queries)("%s: %s", ([, index, query]) =>
    Effect.gen(function*() {
      const sql = yield* D1Client.D1Client
      const rows = yield* sql<{ readonly detail: string }>`EXPLAIN QUERY PLAN ${query(sql)}`
      const tables = rows.map(({ detail }) => detail).filter((line) => /^(SCAN|SEARCH) secrets\b/.test(line))
      assert.deepStrictEqual(tables, [`SEARCH secrets USING INDEX ${index}`])
    }).pipe(Effect.provide(sqlLayer)))
})
