import type { D1Client } from "@effect/sql-d1"
import type { Fragment } from "effect/sql/Statement"
import type { ToolPlace } from "../../domain/WorkflowTool.ts"
import { distinctParts } from "../../domain/WorkflowTool.ts"
import type { ToolOwner } from "../../services/WorkflowToolRepository.ts"
import { ofTenant } from "./Sql.ts"

const ofOwner = (sql: D1Client.D1Client, { tenantId, workflows }: ToolOwner) => [
  sql`tool IS NOT NULL`,
  sql`deleted_at IS NULL`,
  sql`status = 'active'`,
  ...ofTenant(sql, tenantId),
  ...(workflows === null ? [] : [sql`id IN (SELECT value FROM json_each(${JSON.stringify(workflows)}))`])
]

/** Tools by name, then the oldest first, and one more than asked for if there is one; without the workflows' steps. */
export const listWorkflowTools = (
  sql: D1Client.D1Client,
  owner: ToolOwner,
  { after, limit }: { readonly limit: number; readonly after?: ToolPlace | undefined }
) => {
  const place = after === undefined
    ? []
    : [sql`(tool, created_at, id) > (${after.tool}, ${after.createdAt}, ${after.id})`]
  return sql`SELECT id, tool, name, description, triggers, json_extract(options, '$.inputSchema') AS input_schema, created_at
    FROM workflows WHERE ${sql.and([...ofOwner(sql, owner), ...place])}
    ORDER BY tool, created_at, id LIMIT ${limit + 1}`
}

/**
 * The oldest workflow of a tenant whose tool has this name, else the one that the distinct form of its name tells apart.
 * Undefined: no workflow can have it.
 */
export const findWorkflowTool = (sql: D1Client.D1Client, owner: ToolOwner, name: string) => {
  const named = (place: number, condition: Fragment) =>
    sql`SELECT * FROM (SELECT id AS found, ${place} AS place FROM workflows
      WHERE ${sql.and([...ofOwner(sql, owner), condition])} ORDER BY tool, created_at, id LIMIT 1)`
  const parts = distinctParts(name)
  const distinct = parts === undefined ? undefined : named(
    2,
    sql.and([
      sql`tool >= ${parts.start}`,
      sql`tool < ${`${parts.start}\u007f`}`,
      sql`substr(tool, 1, 33) = ${parts.start}`,
      sql`substr(id, -6) = ${parts.idEnd}`
    ])
  )
  const plain = owner.tenantId === null ? undefined : named(1, sql`tool = ${name}`)
  const found = plain === undefined || distinct === undefined ? plain ?? distinct : sql`${plain} UNION ALL ${distinct}`
  return found === undefined ? undefined : sql`SELECT workflows.* FROM (${found}) AS tools
    JOIN workflows ON workflows.id = tools.found ORDER BY tools.place LIMIT 1`
}
