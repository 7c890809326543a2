import { Schema } from "effect"
import { ExecutionStatus } from "./Execution.ts"
import { ApiKeyId, DeliveryId, ExecutionId, ProposalId, TenantId, WorkflowId } from "./Ids.ts"
import { Issue } from "./Issues.ts"
import { ProposalStatus } from "./ProposalStatus.ts"

/** No such workflow, or one that the key may not see. */
export class WorkflowNotFound extends Schema.TaggedError<WorkflowNotFound>()("WorkflowNotFound", { id: WorkflowId }) {}

/** The workflow has no such version. */
export class WorkflowVersionNotFound extends Schema.TaggedError<WorkflowVersionNotFound>()("WorkflowVersionNotFound", {
  id: WorkflowId,
  version: Schema.Int
}) {}

/** The workflow has no schedule at this place among its triggers. */
export class ScheduleNotFound extends Schema.TaggedError<ScheduleNotFound>()("ScheduleNotFound", {
  id: WorkflowId,
  number: Schema.Int
}) {}

/** A definition that can't be run; `missing`: at least one issue is a missing field. */
export class WorkflowInvalid extends Schema.TaggedError<WorkflowInvalid>()("WorkflowInvalid", {
  issues: Schema.Array(Issue),
  missing: Schema.Boolean
}) {}

/** The caller changes another version than the stored one. */
export class WorkflowVersionConflict extends Schema.TaggedError<WorkflowVersionConflict>()("WorkflowVersionConflict", {
  id: WorkflowId,
  version: Schema.Int
}) {}

/** The workflow is not active, so it can't be started. */
export class WorkflowInactive extends Schema.TaggedError<WorkflowInactive>()("WorkflowInactive", { id: WorkflowId }) {}

/** No such execution, or one that the key may not see. */
export class ExecutionNotFound
  extends Schema.TaggedError<ExecutionNotFound>()("ExecutionNotFound", { id: ExecutionId })
{}

/** What an execution is to be started with is not valid. */
export class ExecutionInvalid extends Schema.TaggedError<ExecutionInvalid>()("ExecutionInvalid", {
  issues: Schema.Array(Issue)
}) {}

/** The execution is not in a state that the call needs. */
export class ExecutionFinished extends Schema.TaggedError<ExecutionFinished>()("ExecutionFinished", {
  id: ExecutionId,
  status: ExecutionStatus
}) {}

/** The execution can't be retried: it has not ended, it came to a good end, or what its steps did is no longer kept. */
export class ExecutionNotRetryable extends Schema.TaggedError<ExecutionNotRetryable>()("ExecutionNotRetryable", {
  id: ExecutionId,
  reason: Schema.Literals(["unfinished", "completed", "forgotten"])
}) {}

/** The key may not do this for that tenant. */
export class TenantForbidden extends Schema.TaggedError<TenantForbidden>()("TenantForbidden", { tenantId: TenantId }) {}

/** The key has no right to this: it is held to some workflows, is no operator's, or a person's yes is needed. */
export class KeyForbidden extends Schema.TaggedError<KeyForbidden>()("KeyForbidden", {
  reason: Schema.Literals(["held:create", "held:secrets", "operators", "approval"])
}) {}

/** No such stored API key. */
export class KeyNotFound extends Schema.TaggedError<KeyNotFound>()("KeyNotFound", { id: ApiKeyId }) {}

/** What an API key is to be made with is missing or not valid. */
export class KeyInvalid extends Schema.TaggedError<KeyInvalid>()("KeyInvalid", { issues: Schema.Array(Issue) }) {}

/** The tenant, or the operators, have as many stored API keys as they may have. */
export class KeysFull extends Schema.TaggedError<KeysFull>()("KeysFull", {}) {}

/** The engine did not take the execution: nothing runs, and the call may be repeated. */
export class EngineUnavailable extends Schema.TaggedError<EngineUnavailable>()("EngineUnavailable", {
  cause: Schema.Defect()
}) {}

/** A store did not answer. `operation` names what was tried. */
export class StorageError extends Schema.TaggedError<StorageError>()("StorageError", {
  operation: Schema.String,
  cause: Schema.Defect()
}) {}

/** No such secret of that tenant. */
export class SecretNotFound extends Schema.TaggedError<SecretNotFound>()("SecretNotFound", {
  tenantId: TenantId,
  name: Schema.String
}) {}

/** A secret's tenant, name or value is missing or not valid. */
export class SecretInvalid extends Schema.TaggedError<SecretInvalid>()("SecretInvalid", {
  issues: Schema.Array(Issue)
}) {}

/** The secret can't be stored now: the tenant has as many as it may have, or others keep changing it. */
export class SecretNotStored extends Schema.TaggedError<SecretNotStored>()("SecretNotStored", {
  reason: Schema.Literals(["full", "contended"])
}) {}

/** The service has no key to encrypt with. */
export class SecretsUnavailable extends Schema.TaggedError<SecretsUnavailable>()("SecretsUnavailable", {}) {}

/** Secrets that a run needs: the tenant has none of these names, or no key of the service decrypts them. */
export class SecretMissing extends Schema.TaggedError<SecretMissing>()("SecretMissing", {
  names: Schema.Array(Schema.String),
  reason: Schema.Literals(["unknown", "unreadable"])
}) {
  override get message(): string {
    const names = this.names.join(", ")
    return this.reason === "unknown"
      ? `There is no secret ${names}`
      : `No key of the service decrypts the secret ${names}`
  }
}

/** No webhook takes this request: there is no such workflow, it is not active, or the token is not the one of its path. */
export class HookNotFound extends Schema.TaggedError<HookNotFound>()("HookNotFound", {}) {}

/** A request is not signed as its webhook demands. */
export class DeliveryRefused extends Schema.TaggedError<DeliveryRefused>()("DeliveryRefused", {}) {}

/** The body of a request is not what its media type says, or of none that webhooks read. */
export class DeliveryUnreadable extends Schema.TaggedError<DeliveryUnreadable>()("DeliveryUnreadable", {
  reason: Schema.Literals(["type", "content"]),
  detail: Schema.String
}) {}

/** The execution that a webhook waited for did not complete. */
export class DeliveryUnsuccessful extends Schema.TaggedError<DeliveryUnsuccessful>()("DeliveryUnsuccessful", {
  executionId: ExecutionId,
  code: Schema.String,
  reason: Schema.String
}) {}

/** The workflow has no webhook of this kind. */
export class WebhookNotFound extends Schema.TaggedError<WebhookNotFound>()("WebhookNotFound", { id: WorkflowId }) {}

/** No such delivery to this workflow. */
export class DeliveryNotFound extends Schema.TaggedError<DeliveryNotFound>()("DeliveryNotFound", { id: DeliveryId }) {}

/** No such proposal, or one that the key may not see. */
export class ProposalNotFound extends Schema.TaggedError<ProposalNotFound>()("ProposalNotFound", { id: ProposalId }) {}

/** The proposal is not open any more: it was approved or refused, or is outdated. */
export class ProposalDecided extends Schema.TaggedError<ProposalDecided>()("ProposalDecided", {
  id: ProposalId,
  status: ProposalStatus
}) {}

/** The proposal changes another version than the stored one (null: the workflow is gone), so it can't be approved. */
export class ProposalOutdated extends Schema.TaggedError<ProposalOutdated>()("ProposalOutdated", {
  id: ProposalId,
  version: Schema.NullOr(Schema.Int)
}) {}

/** The tenant, or the key in it, has as many open proposals as it may have. */
export class ProposalsFull extends Schema.TaggedError<ProposalsFull>()("ProposalsFull", { tenantId: TenantId }) {}
