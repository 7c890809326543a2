import { Schema } from "effect"
import { ApiKey } from "../../../src/domain/ApiKey.ts"
import { Delivery, DeliveryDetail, Webhook } from "../../../src/domain/Delivery.ts"
import { Execution, ExecutionDetail } from "../../../src/domain/Execution.ts"
import { Fire } from "../../../src/domain/Fire.ts"
import { LogEntry } from "../../../src/domain/LogEntry.ts"
import { pageOf } from "../../../src/domain/Page.ts"
import { Proposal, ProposalDetail } from "../../../src/domain/Proposal.ts"
import { Schedule } from "../../../src/domain/Schedule.ts"
import { Workflow } from "../../../src/domain/Workflow.ts"
import { WorkflowVersion } from "../../../src/domain/WorkflowVersion.ts"
import { Problem } from "../../../src/http/api/Errors.ts"
import { HookAccepted } from "../../../src/http/api/Hooks.ts"
import type { Answer } from "./Client.ts"

const problemType = "application/problem+json"

/** Reads the body of an answer with this status: all of its members, and no others. */
const reader = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })
  return (answer: Answer, status = 200): A => {
    if (answer.status !== status) throw new Error(`Status ${answer.status} in place of ${status}: ${answer.text}`)
    return decode(answer.json)
  }
}

export const workflowOf = reader(Workflow)
export const workflowsOf = reader(pageOf(Workflow))
export const versionsOf = reader(pageOf(WorkflowVersion))
export const proposalOf = reader(ProposalDetail)
export const proposalsOf = reader(pageOf(Proposal))
export const refusedOf = reader(Proposal)
export const executionOf = reader(ExecutionDetail)
export const executionsOf = reader(pageOf(Execution))
export const webhookOf = reader(Webhook)
export const deliveryOf = reader(DeliveryDetail)
export const deliveriesOf = reader(pageOf(Delivery))
export const acceptedOf = reader(HookAccepted)
export const scheduleOf = reader(Schedule)
export const firesOf = reader(pageOf(Fire))
export const keyOf = reader(ApiKey)
export const keysOf = reader(pageOf(ApiKey))
export const newKeyOf = reader(Schema.Struct({ ...ApiKey.fields, key: Schema.String }))
export const logsOf = reader(pageOf(LogEntry))

const decodeProblem = Schema.decodeUnknownSync(Problem, { onExcessProperty: "error" })

/** Reads a problem, and holds it against its own response: status, media type, request id, and nothing internal. */
export const problemOf = (answer: Answer): Problem => {
  const fault = (text: string) => new Error(`${text}: ${answer.status} ${answer.text}`)
  if (answer.headers["content-type"] !== problemType) throw fault(`Not ${problemType}`)
  const problem = decodeProblem(answer.json)
  if (problem.status !== answer.status) throw fault("Another status than the response")
  if (problem.requestId !== answer.headers["x-request-id"]) throw fault("Another request id than the response")
  if (!problem.type.endsWith(`#${problem.code}`)) throw fault("A type that does not name the code")
  if (internals.test(answer.text)) throw fault("Something internal")
  return problem
}

/** What a stack, a path of the service's machine, or a statement of its database looks like. */
const internals =
  /\bat [\w.<>]+ \(|\.[mc]?[jt]s:\d+|node_modules|file:\/\/|workerd|D1_ERROR|SQLITE|SELECT |INSERT |UPDATE /
