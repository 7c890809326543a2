import { Execution, ExecutionDetail } from "../../src/domain/Execution.ts"
import { pageOf } from "../../src/domain/Page.ts"
import { Workflow } from "../../src/domain/Workflow.ts"
import type { Handler } from "./Service.ts"
import { call, keys, read } from "./Service.ts"
import { upstreamUrl } from "./Upstream.ts"

const http = (id: string, order: number) => ({
  id,
  type: "http-request",
  order,
  config: { url: `${upstreamUrl}/${id}` }
})
const filter = (id: string, order: number) => ({
  id,
  type: "transform",
  order,
  config: { operation: "filter", field: "active", value: true }
})
const map = (id: string, order: number) => ({
  id,
  type: "transform",
  order,
  config: { operation: "map", fields: ["name"] }
})

/** A request, a filter and a map. */
export const threeSteps = [http("call", 1), filter("active", 2), map("names", 3)]

/** A request, and filters after it. */
export const stepsOf = (count: number) => [
  http("call", 1),
  ...Array.from({ length: count - 1 }, (_, index) => filter(`filter-${index + 1}`, index + 2))
]

/** Requests, one after the other. */
export const requestsOf = (...ids: ReadonlyArray<string>) => ids.map((id, index) => http(id, index + 1))

export const createWorkflow = (
  service: Handler,
  steps: ReadonlyArray<unknown>,
  name = "A workflow",
  triggers: ReadonlyArray<unknown> = []
) =>
  read(
    Workflow,
    201,
    call(service, "POST", "/api/workflows", { body: { tenantId: "tenant-a", name, steps, triggers } })
  )

export const execute = (
  service: Handler,
  workflowId: string,
  options: { readonly inputs?: unknown; readonly wait?: number } = {}
) => read(ExecutionDetail, 201, startCall(service, workflowId, options))

/** Starts an execution; the answer may be of any status. */
export const startCall = (
  service: Handler,
  workflowId: string,
  { inputs, wait = 0 }: { readonly inputs?: unknown; readonly wait?: number } = {}
) =>
  call(service, "POST", "/api/executions", {
    body: { workflowId, ...(inputs === undefined ? {} : { inputs }) },
    headers: wait === 0 ? {} : { prefer: `wait=${wait}` }
  })

export const getExecution = (service: Handler, id: string) =>
  read(ExecutionDetail, 200, call(service, "GET", `/api/executions/${id}`))

export const listExecutions = (service: Handler, query = "") =>
  read(pageOf(Execution), 200, call(service, "GET", `/api/executions${query}`))

export const listWorkflows = (service: Handler, query = "") =>
  read(pageOf(Workflow), 200, call(service, "GET", `/api/workflows${query}`, { key: keys.operator }))
