import { Schema } from "effect"
import type { Issue } from "../domain/Issues.ts"
import type { Principal } from "../domain/Principal.ts"
import type { Node } from "./JsonSchema.ts"
import { summaryOf } from "./JsonSchema.ts"

/**
 * A definition as an argument: clients see in short what the schema says, down to `depth`; whether it holds is told by
 * the service, with every problem.
 */
export const definitionOf = (schema: Schema.Constraint, depth: number, description: string) =>
  Schema.JsonObject
    .check(Schema.makeFilter(() => undefined, { toJsonSchema: () => withoutTenant(summaryOf(schema, depth)) }))
    .annotateKey({ description })

/** The key tells the tenant where it belongs to one: a client must not refuse a definition without it. */
const withoutTenant = ({ required, ...summary }: Node): Node =>
  Array.isArray(required) ? { ...summary, required: required.filter((name) => name !== "tenantId") } : summary

/** What a definition lacks for being stored, where neither it nor the key tells the tenant. */
export const tenantIssues = ({ tenantId }: Principal, definition: object): ReadonlyArray<Issue> =>
  tenantId !== null || Object.hasOwn(definition, "tenantId") ? [] : [{ path: ["tenantId"], message: "is required" }]
