import { Cause, Effect, Schema } from "effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type {
  DeliveryNotFound,
  DeliveryRefused,
  DeliveryUnreadable,
  DeliveryUnsuccessful,
  EngineUnavailable,
  ExecutionFinished,
  ExecutionInvalid,
  ExecutionNotFound,
  ExecutionNotRetryable,
  HookNotFound,
  KeyForbidden,
  KeyInvalid,
  KeyNotFound,
  KeysFull,
  ProposalDecided,
  ProposalNotFound,
  ProposalOutdated,
  ProposalsFull,
  ScheduleNotFound,
  SecretInvalid,
  SecretNotFound,
  SecretNotStored,
  SecretsUnavailable,
  StorageError,
  TenantForbidden,
  WebhookNotFound,
  WorkflowInactive,
  WorkflowInvalid,
  WorkflowNotFound,
  WorkflowVersionConflict,
  WorkflowVersionNotFound
} from "../domain/Errors.ts"
import type { Issue } from "../domain/Issues.ts"
import { summarize } from "../domain/Issues.ts"
import { Limits } from "../domain/Limits.ts"
import type { ProblemCode, ProblemCodeWith, ProblemStatus } from "./api/Errors.ts"
import { Problem } from "./api/Errors.ts"
import { CurrentRequest, withResponseHeaders } from "./CurrentRequest.ts"

/** A problem but for the request's id. */
export type Refusal = {
  [Code in ProblemCode]: {
    readonly code: Code
    readonly status: ProblemStatus<Code>
    readonly detail: string
    readonly issues?: ReadonlyArray<Issue>
  }
}[ProblemCode]

/** What the services fail with that a client may know of. */
export type PublicError =
  | WorkflowNotFound
  | WorkflowInvalid
  | WorkflowVersionConflict
  | WorkflowVersionNotFound
  | ScheduleNotFound
  | WorkflowInactive
  | ExecutionNotFound
  | ExecutionFinished
  | ExecutionNotRetryable
  | ExecutionInvalid
  | TenantForbidden
  | EngineUnavailable
  | SecretNotFound
  | SecretInvalid
  | SecretNotStored
  | SecretsUnavailable
  | KeyForbidden
  | KeyNotFound
  | KeyInvalid
  | KeysFull
  | HookNotFound
  | DeliveryRefused
  | DeliveryUnreadable
  | DeliveryUnsuccessful
  | WebhookNotFound
  | DeliveryNotFound
  | ProposalNotFound
  | ProposalDecided
  | ProposalOutdated
  | ProposalsFull

/** Seconds after which a call that the engine did not answer may be repeated. */
const engineRetryAfterSeconds = 5

/** What each error of the services is to a client. */
export const refusalOf = (error: PublicError): Refusal => {
  switch (error._tag) {
    case "WorkflowNotFound":
      return { code: "WORKFLOW-002", status: 404, detail: "There is no such workflow" }
    case "WorkflowInvalid":
      return invalidData(error.missing ? "WORKFLOW-001" : "WORKFLOW-003", error.issues)
    case "WorkflowVersionConflict":
      return { code: "WORKFLOW-004", status: 412, detail: `The stored version is ${error.version}` }
    case "WorkflowVersionNotFound":
      return { code: "WORKFLOW-002", status: 404, detail: "There is no such version of a workflow" }
    case "ScheduleNotFound":
      return { code: "WORKFLOW-002", status: 404, detail: "There is no schedule at this place among the triggers" }
    case "WorkflowInactive":
      return { code: "EXECUTION-001", status: 409, detail: "The workflow is not active" }
    case "ExecutionNotFound":
      return { code: "EXECUTION-002", status: 404, detail: "There is no such execution" }
    case "ExecutionFinished":
      return { code: "EXECUTION-004", status: 409, detail: `The execution is already ${error.status}` }
    case "ExecutionNotRetryable":
      return { code: "EXECUTION-004", status: 409, detail: notRetryable[error.reason] }
    case "ExecutionInvalid":
      return invalidData("EXECUTION-003", error.issues)
    case "TenantForbidden":
      return { code: "AUTH-003", status: 403, detail: `The key may not act for the tenant ${error.tenantId}` }
    case "EngineUnavailable":
      return { code: "EXECUTION-001", status: 503, detail: "The engine did not answer" }
    case "SecretNotFound":
      return { code: "SECRET-001", status: 404, detail: "There is no such secret" }
    case "SecretInvalid":
      return invalidData("SECRET-002", error.issues)
    case "SecretNotStored":
      return {
        code: "SECRET-002",
        status: 409,
        detail: error.reason === "full"
          ? `The tenant has ${Limits.secretsPerTenant} secrets, and may have no more`
          : "Others keep changing the secret; the call may be repeated"
      }
    case "SecretsUnavailable":
      return {
        code: "SECRET-003",
        status: 503,
        detail: "The service's operator has to set SECRETS_KEY: 32 bytes in base64"
      }
    case "KeyForbidden":
      return { code: "AUTH-003", status: 403, detail: forbidden[error.reason] }
    case "KeyNotFound":
      return { code: "KEY-001", status: 404, detail: "There is no such API key" }
    case "KeyInvalid":
      return invalidData("KEY-002", error.issues)
    case "KeysFull":
      return {
        code: "KEY-002",
        status: 409,
        detail: `There are ${Limits.apiKeysPerTenant} keys of this tenant, or of the operators, and may be no more`
      }
    case "HookNotFound":
      return nothingHere
    case "DeliveryRefused":
      return { code: "TRIGGER-001", status: 401, detail: "The request is not signed as this webhook demands" }
    case "DeliveryUnreadable":
      return error.reason === "type"
        ? { code: "REQUEST-001", status: 415, detail: error.detail }
        : { code: "TRIGGER-002", status: 400, detail: error.detail }
    case "DeliveryUnsuccessful":
      return {
        code: "TRIGGER-003",
        status: 502,
        detail: `The execution ${error.executionId} did not complete: ${error.code}: ${error.reason}`
      }
    case "WebhookNotFound":
      return { code: "TRIGGER-004", status: 404, detail: "The workflow has no webhook, or none with a token" }
    case "DeliveryNotFound":
      return { code: "TRIGGER-004", status: 404, detail: "There is no such delivery to this workflow" }
    case "ProposalNotFound":
      return { code: "PROPOSAL-001", status: 404, detail: "There is no such proposal" }
    case "ProposalDecided":
      return { code: "PROPOSAL-002", status: 409, detail: `The proposal is already ${error.status}` }
    case "ProposalOutdated":
      return {
        code: "WORKFLOW-004",
        status: 412,
        detail: error.version === null
          ? "The workflow that the proposal changes was removed"
          : `The proposal changes another version than the stored one, ${error.version}`
      }
    case "ProposalsFull":
      return {
        code: "PROPOSAL-003",
        status: 409,
        detail:
          `The tenant has ${Limits.openProposals} open proposals, or ${Limits.openProposalsPerKey} of this key, ` +
          "and may have no more until some are decided"
      }
  }
}

/** The answer at a path at which there is nothing. */
export const nothingHere: Refusal = { code: "REQUEST-001", status: 404, detail: "There is nothing at this path" }

/** Why a key has no right to a call, whatever its scopes are. */
const forbidden: Record<KeyForbidden["reason"], string> = {
  "held:create": "The key is held to some workflows, so it can't create others",
  "held:secrets": "The key is held to some workflows, so it can't see or change the tenant's secrets",
  "approval":
    "It needs a person's yes, and this client can't ask its user: a person deletes it over REST, at DELETE /api/workflows/:id",
  "operators": "Only an operator's key may do this: one with the scope admin, and of no tenant"
}

/** Why an execution can't be retried. */
const notRetryable: Record<ExecutionNotRetryable["reason"], string> = {
  unfinished: "The execution has not ended yet",
  completed: "The execution is completed: name the step that is to be run again in fromStep",
  forgotten: "What the steps of the execution did is no longer kept; start a new execution instead"
}

/** Data that is not valid: the detail says the first problem. */
export const invalidData = (
  code: ProblemCodeWith<400>,
  issues: ReadonlyArray<Issue>
): Refusal => ({ code, status: 400, detail: summarize(issues), issues: issues.slice(0, Limits.issues) })

/** Answers with a problem. */
export const refuse = ({ code, status, ...content }: Refusal): Effect.Effect<never, Problem> =>
  Effect.flatMap(CurrentRequest, ({ requestId }) => Effect.fail(Problem.of(code, status, { ...content, requestId })))

/** Turns what a service fails with into its problem. A store that fails is a defect here: it is logged, not told. */
export const translated = <A, E extends PublicError | StorageError | Problem, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Problem, R | HttpServerRequest> =>
  Effect.catch(effect, (error: PublicError | StorageError | Problem) => {
    if (error._tag === "Problem") return Effect.fail(error)
    if (error._tag === "StorageError") return Effect.die(error)
    const refused = refuse(refusalOf(error))
    return error._tag === "EngineUnavailable"
      ? Effect.logWarning("The engine did not answer", Cause.fail(error)).pipe(
        Effect.andThen(withResponseHeaders({ "retry-after": String(engineRetryAfterSeconds) })),
        Effect.andThen(refused)
      )
      : refused
  })

const encodeProblem = Schema.encodeSync(Problem)

/** A problem as a response, where no endpoint's schema does it. */
export const toResponse = (
  problem: Problem,
  headers: Record<string, string> = {}
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(JSON.stringify(encodeProblem(problem)), {
    status: problem.status,
    contentType: "application/problem+json",
    headers
  })
