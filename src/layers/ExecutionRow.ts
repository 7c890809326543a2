import { Effect, Schema, SchemaGetter, Struct } from "effect"
import { Execution, ExecutionError, ExecutionStatus, Inputs } from "../domain/Execution.ts"
import { StepId } from "../domain/Ids.ts"
import { Limits } from "../domain/Limits.ts"
import { Parent } from "../domain/Parent.ts"
import { utf8Bytes } from "../domain/Text.ts"
import type { ExecutionDraft, StoredExecution } from "../services/ExecutionRepository.ts"
import { InputsJson } from "./JournalRow.ts"

/** One that waits for a slot is pending to the world, but the sweep leaves it alone: it wakes by its own alarm. */
const StoredStatus = Schema.Literals([...ExecutionStatus.literals, "queued"]).pipe(
  Schema.decodeTo(ExecutionStatus, {
    decode: SchemaGetter.transform((status) => status === "queued" ? "pending" : status),
    encode: SchemaGetter.transform((status): typeof ExecutionStatus.Type | "queued" => status)
  })
)

/** The parent of an execution, as a row holds it. */
const ParentJson = Schema.fromJsonString(Parent)

/** What expressions see of the trigger, as a row holds it. */
const TriggerDataJson = Schema.fromJsonString(Schema.JsonObject)

/** An execution as a row holds it: what nests is JSON. */
export const ExecutionRow = Schema.Struct({
  ...Struct.omit(Execution.fields, ["parentId"]),
  status: StoredStatus,
  inputs: Schema.fromJsonString(Inputs),
  outputs: Schema.NullOr(Schema.fromJsonString(Schema.JsonObject)),
  error: Schema.NullOr(Schema.fromJsonString(ExecutionError)),
  placement: Schema.String,
  retryFrom: Schema.NullOr(StepId),
  expiresAt: Execution.fields.completedAt,
  parent: Schema.NullOr(ParentJson),
  triggerData: Schema.NullOr(TriggerDataJson)
})
export type ExecutionRow = typeof ExecutionRow.Type
export type EncodedExecutionRow = typeof ExecutionRow.Encoded

/** What nests in a draft, as its row holds it. */
export const encodeDraft = ({ inputs, parent, triggerData }: ExecutionDraft) =>
  Effect.all({
    inputs: Schema.encodeEffect(InputsJson)(inputs),
    parent: parent === undefined ? Effect.succeed(null) : Schema.encodeEffect(ParentJson)(parent),
    triggerData: triggerData === undefined ? Effect.succeed(null) : Schema.encodeEffect(TriggerDataJson)(triggerData)
  })

/** How the executions of a status may be stored. */
export const storedAs = (status: ExecutionStatus): ReadonlyArray<EncodedExecutionRow["status"]> =>
  status === "pending" ? ["pending", "queued"] : [status]

/** The end of an execution as its row holds it. */
export const EndColumns = Schema.Struct({
  status: ExecutionRow.fields.status,
  outputs: ExecutionRow.fields.outputs,
  error: ExecutionRow.fields.error,
  startedAt: ExecutionRow.fields.startedAt,
  completedAt: ExecutionRow.fields.startedAt
})

/** Outputs that a row doesn't hold are read from the archive. */
export const inlineOutputs = (json: string | null): string | null =>
  json === null || utf8Bytes(json) <= Limits.outputsInlineBytes ? json : null

/** Takes a row's execution apart from what only the service knows of it. */
export const toStored = (row: ExecutionRow): StoredExecution => {
  const { expiresAt: _, parent, placement, retryFrom, triggerData, ...columns } = row
  return {
    execution: { ...columns, parentId: parent?.id ?? null },
    placement,
    retryFrom,
    ...(parent === null ? {} : { parent }),
    ...(triggerData === null ? {} : { triggerData })
  }
}
