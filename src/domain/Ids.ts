import { Schema } from "effect"

/** A workflow's id: opaque to clients. */
export const WorkflowId = Schema.NonEmptyString.pipe(Schema.brand("WorkflowId"))
export type WorkflowId = typeof WorkflowId.Type

/** A workflow's id as a definition names it: whether there is one is known when it is started. */
export const WorkflowReference = WorkflowId.check(
  Schema.isPattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u, { message: "must be the id of a workflow" })
)

/**
 * An execution's id: opaque to clients. Those that clients start sort by the time they were made; one that an execution
 * starts is derived from that execution.
 */
export const ExecutionId = Schema.NonEmptyString.pipe(Schema.brand("ExecutionId"))
export type ExecutionId = typeof ExecutionId.Type

/** The id of a delivery to a webhook: opaque to clients; ids of one service sort by the time they were made. */
export const DeliveryId = Schema.NonEmptyString.pipe(Schema.brand("DeliveryId"))
export type DeliveryId = typeof DeliveryId.Type

/** The id of a stored API key: opaque to clients, and no secret. */
export const ApiKeyId = Schema.NonEmptyString.pipe(Schema.brand("ApiKeyId"))
export type ApiKeyId = typeof ApiKeyId.Type

/** The id of a proposal: opaque to clients; ids of one service sort by the time they were made. */
export const ProposalId = Schema.NonEmptyString.pipe(Schema.brand("ProposalId"))
export type ProposalId = typeof ProposalId.Type

/** Correlates a request with its log lines and with the execution that it started. */
export const RequestId = Schema.NonEmptyString.pipe(Schema.brand("RequestId"))
export type RequestId = typeof RequestId.Type

/** A tenant's id: 1 to 64 characters of `A-Z a-z 0-9 _ . -`. */
export const TenantId = Schema.String
  .check(Schema.isPattern(/^[A-Za-z0-9_.-]{1,64}$/u, { message: "must be 1 to 64 characters of A-Z a-z 0-9 _ . -" }))
  .pipe(Schema.brand("TenantId"))
export type TenantId = typeof TenantId.Type

/** A step's id, unique within its workflow: 1 to 64 characters of `A-Z a-z 0-9 _ -`. */
export const StepId = Schema.String
  .check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/u, { message: "must be 1 to 64 characters of A-Z a-z 0-9 _ -" }))
  .pipe(Schema.brand("StepId"))
export type StepId = typeof StepId.Type
