import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, String } from "effect"
import type { TenantId, WorkflowId } from "../../domain/Ids.ts"
import type { Keyset } from "../../domain/Page.ts"
import { Database } from "./Bindings.ts"

/** SQL on the D1 database: columns are `snake_case` there and `camelCase` here. */
export const layer = Layer.unwrap(
  Effect.map(Database, (db) =>
    Layer.orDie(
      D1Client.layer({ db, transformQueryNames: String.camelToSnake, transformResultNames: String.snakeToCamel })
    ))
)

/** Keeps to the rows of one tenant; null: of all. */
export const ofTenant = (sql: D1Client.D1Client, tenantId: TenantId | null) =>
  tenantId === null ? [] : [sql`tenant_id = ${tenantId}`]

/** These ids as rows with a `value`: one parameter for all, as D1 takes no more than 100. */
export const rowsOf = (sql: D1Client.D1Client, ids: ReadonlyArray<WorkflowId>) => sql`json_each(${JSON.stringify(ids)})`

/** Goes on after this place in a list that shows the newest first. */
export const afterPlace = (sql: D1Client.D1Client, place: Keyset | undefined) =>
  place === undefined ? [] : [sql`(created_at, id) < (${place.createdAt}, ${place.id})`]
