import { Schema } from "effect"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import { RequestId } from "../../domain/Ids.ts"
import { Issue } from "../../domain/Issues.ts"

/** Every code that a client can meet: its title and, by status, when it comes. The page `/errors` shows this table. */
export const problems = {
  "WORKFLOW-001": {
    title: "Missing workflow data",
    statuses: { 400: "a required field of the workflow is missing" }
  },
  "WORKFLOW-002": {
    title: "Workflow not found",
    statuses: { 404: "there is no such workflow, version or schedule, or the key may not see it" }
  },
  "WORKFLOW-003": {
    title: "Invalid workflow data",
    statuses: { 400: "a field of the workflow is there but not valid" }
  },
  "WORKFLOW-004": {
    title: "Workflow version conflict",
    statuses: { 412: "`If-Match` names another version than the stored one, or a proposal changes another one" }
  },
  "EXECUTION-001": {
    title: "Execution not created",
    statuses: {
      409: "the workflow is not active",
      503: "the engine did not answer; the call may be repeated after `Retry-After`"
    }
  },
  "EXECUTION-002": {
    title: "Execution not found",
    statuses: { 404: "there is no such execution, or the key may not see it" }
  },
  "EXECUTION-003": {
    title: "Invalid execution data",
    statuses: { 400: "a field of the execution is missing or not valid" }
  },
  "EXECUTION-004": {
    title: "Execution already finished",
    statuses: { 409: "the execution is not in a state that the call needs" }
  },
  "PROPOSAL-001": {
    title: "Proposal not found",
    statuses: { 404: "there is no such proposal, or the key may not see it" }
  },
  "PROPOSAL-002": {
    title: "Proposal already decided",
    statuses: { 409: "the proposal was approved, refused or outdated already" }
  },
  "PROPOSAL-003": {
    title: "Proposal not taken",
    statuses: {
      400: "the reason of a refusal is not valid",
      409: "the tenant, or its key, has as many open proposals as it may have"
    }
  },
  "SECRET-001": {
    title: "Secret not found",
    statuses: { 404: "there is no such secret of this tenant" }
  },
  "SECRET-002": {
    title: "Secret not stored",
    statuses: {
      400: "the tenant, the name or the value is missing or not valid",
      409: "the tenant has as many secrets as it may have, or the secret is being changed by others"
    }
  },
  "SECRET-003": {
    title: "Secrets not available",
    statuses: { 503: "the service has no `SECRETS_KEY` to encrypt with" }
  },
  "KEY-001": {
    title: "API key not found",
    statuses: { 404: "there is no such stored API key" }
  },
  "KEY-002": {
    title: "API key not stored",
    statuses: {
      400: "the name, a scope, the tenant, a workflow or the expiry of the key is missing or not valid",
      409: "the tenant, or the operators, have as many stored API keys as they may have"
    }
  },
  "TRIGGER-001": {
    title: "Request to a webhook refused",
    statuses: { 401: "the request is not signed as the webhook demands" }
  },
  "TRIGGER-002": {
    title: "Request to a webhook not readable",
    statuses: { 400: "the body is not what its media type says" }
  },
  "TRIGGER-003": {
    title: "Execution not successful",
    statuses: { 502: "the execution that the webhook waited for did not complete" }
  },
  "TRIGGER-004": {
    title: "Webhook or delivery not found",
    statuses: { 404: "the workflow has no webhook, or none with a token, or no such delivery" }
  },
  "AUTH-001": { title: "API key missing", statuses: { 401: "the request shows no key" } },
  "AUTH-002": { title: "API key not valid", statuses: { 401: "the key is unknown, expired or revoked" } },
  "AUTH-003": { title: "Not allowed", statuses: { 403: "the key is valid but has no right to this call" } },
  "RATE-001": {
    title: "Too many requests",
    statuses: {
      429: "the key is over its limit until `Retry-After`; or it is not valid, as too many from its address were"
    }
  },
  "REQUEST-001": {
    title: "Bad request",
    statuses: {
      400: "the body is not JSON, or a parameter or header is not valid",
      403: "the MCP server is asked by a host or an origin that it does not answer to",
      404: "there is nothing at this path",
      405: "the path does not know this method; `Allow` names those it knows",
      413: "the body is too large",
      415: "the body is not JSON by its media type; to a webhook: not JSON, a form or text"
    }
  },
  "INTERNAL-001": {
    title: "Internal error",
    statuses: { 500: "something unforeseen happened; the log tells more under the request id" }
  }
} as const

export type ProblemCode = keyof typeof problems
export type ProblemStatus<Code extends ProblemCode> = Code extends ProblemCode
  ? keyof (typeof problems)[Code]["statuses"] & number
  : never

// SAFETY: the keys of a literal object are what its type says.
const codes = Object.keys(problems) as ReadonlyArray<ProblemCode>

const Members = Schema.Struct({
  type: Schema.String.annotate({ format: "uri-reference", description: "Where the code is explained" }),
  title: Schema.String.annotate({ description: "The code in words" }),
  status: Schema.Int.annotate({ description: "The HTTP status" }),
  detail: Schema.String.annotate({ description: "What is wrong with this request" }),
  code: Schema.Literals(codes).annotate({ description: "The error code" }),
  requestId: RequestId.annotate({ description: "The request's id, as in the header X-Request-Id" }),
  issues: Schema.optionalKey(
    Schema.Array(Issue).annotate({ description: "On validation errors: every problem that was found" })
  )
}).annotate({ identifier: "Problem", description: "An error (RFC 9457)" })

/** An error as a client sees it: RFC 9457 `application/problem+json`. A client tells errors apart by `code`. */
export class Problem extends Schema.Error<Problem>("Problem")(Members) {
  readonly _tag = "Problem"

  override get message(): string {
    return `${this.code}: ${this.detail}`
  }

  /** The problem of a code; the table gives what the code fixes. */
  static of<Code extends ProblemCode>(code: Code, status: ProblemStatus<Code>, content: {
    readonly detail: string
    readonly requestId: RequestId
    readonly issues?: ReadonlyArray<Issue> | undefined
  }): Problem {
    const { issues, ...members } = content
    return new Problem({
      type: `/errors#${code}`,
      title: problems[code].title,
      status,
      code,
      ...members,
      ...(issues === undefined ? {} : { issues: issues.map(({ message, path }) => ({ path, message })) })
    })
  }
}

/** The codes that come with a status. */
export type ProblemCodeWith<Status extends number> = {
  [Code in ProblemCode]: Status extends ProblemStatus<Code> ? Code : never
}[ProblemCode]

/** The schema of the problems of one status, for the errors of an endpoint or a middleware. */
export const problemWith = <Status extends number>(status: Status, ...codes: ReadonlyArray<ProblemCodeWith<Status>>) =>
  Problem
    .check(Schema.makeFilter((problem) => problem.status === status))
    .annotate({
      httpApiStatus: status,
      description: codes.map((code) =>
        `${code}: ${new Map(Object.entries(problems[code].statuses)).get(String(status))}`
      )
        .join("; ")
    })
    .pipe(HttpApiSchema.asJson({ contentType: "application/problem+json" }))
