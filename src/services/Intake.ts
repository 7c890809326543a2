import { Effect, Option } from "effect"
import type * as SecureRandom from "effect/crypto/SecureRandom"
import type { Json, JsonObject } from "effect/Schema"
import type { Delivery, DeliveryDetail, DeliveryError } from "../domain/Delivery.ts"
import { EngineUnavailable } from "../domain/Errors.ts"
import type { ExecutionState } from "../domain/ExecutionState.ts"
import { snapshotOf } from "../domain/ExecutionState.ts"
import type { RequestId } from "../domain/Ids.ts"
import { DeliveryId, ExecutionId } from "../domain/Ids.ts"
import type { Issue } from "../domain/Issues.ts"
import { summarize } from "../domain/Issues.ts"
import { isObject, jsonBytes, kindOf } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { webhookOf } from "../domain/Trigger.ts"
import { defaultInputs } from "../domain/webhook/Content.ts"
import { visibleHeaders } from "../domain/webhook/Headers.ts"
import type { Workflow } from "../domain/Workflow.ts"
import { definitionOf } from "../domain/Workflow.ts"
import type { ExecutionDraft } from "./ExecutionRepository.ts"
import { pendingExecution } from "./ExecutionView.ts"
import type { Executor } from "./Executor.ts"
import { inputIssues } from "./InputSchema.ts"
import type { SchemaValidator } from "./SchemaValidator.ts"
import type { WebhookInputs } from "./WebhookInputs.ts"
import type { WebhookRepository } from "./WebhookRepository.ts"

/** What taking deliveries in goes by. */
export interface IntakePorts {
  readonly webhooks: WebhookRepository["Service"]
  readonly executor: Executor["Service"]
  readonly validator: SchemaValidator["Service"]
  readonly inputs: WebhookInputs["Service"]
  readonly random: SecureRandom.SecureRandom["Service"]
}

/** A request that is let in. */
export interface Incoming extends Pick<DeliveryDetail, "query" | "headers" | "body" | "redeliveryOf"> {
  /** What the body says. */
  readonly content: Json
  /** What the sender calls the delivery; undefined: nothing. */
  readonly key: string | undefined
  readonly requestId: RequestId
  /** Answer after the execution's end or this many milliseconds; 0: at once. */
  readonly waitMillis: number
}

/** A delivery, and what the engine tells of its execution if that was started just now. */
export interface TakenIn {
  readonly delivery: Delivery
  readonly state: Option.Option<ExecutionState>
}

/**
 * Stores a delivery to a workflow together with the execution that it starts, and starts that. One that the engine does
 * not take now is left to the sweep, as after a crash: the sender need not know. None: the workflow has changed meanwhile.
 */
export const takeIn = Effect.fnUntraced(function*(ports: IntakePorts, workflow: Workflow, incoming: Incoming) {
  const { body, headers, key, query, redeliveryOf } = incoming
  const id = DeliveryId.make(yield* ports.random.uuidV7())
  const receivedAt = yield* Timestamp.now
  const triggerData = { headers: visibleHeaders(headers), query, deliveryId: id }
  const found = yield* inputsOf(ports, workflow, triggerData, incoming.content)
  const executionId = ExecutionId.make(yield* ports.random.uuidV7())
  const execution: ExecutionDraft = {
    id: executionId,
    workflowId: workflow.id,
    tenantId: workflow.tenantId,
    inputs: found.inputs,
    trigger: "webhook",
    requestId: incoming.requestId,
    placement: yield* ports.executor.place(executionId),
    createdAt: receivedAt,
    checkedVersion: workflow.version,
    retry: null,
    triggerData
  }
  const delivery = yield* ports.webhooks.receive({
    id,
    workflowId: workflow.id,
    version: workflow.version,
    key: key ?? id,
    redeliveryOf,
    receivedAt,
    query,
    headers,
    body,
    outcome: found.issues.length === 0 ? execution : errorOf(found.issues)
  }).pipe(Effect.mapError((cause) => new EngineUnavailable({ cause })))
  if (Option.isNone(delivery)) return Option.none()
  const isStarted = delivery.value.id === id && delivery.value.executionId !== null
  const state = isStarted
    ? yield* begin(ports.executor, workflow, execution, incoming.waitMillis)
    : Option.none<ExecutionState>()
  return Option.some<TakenIn>({ delivery: delivery.value, state })
})

const begin = (executor: Executor["Service"], workflow: Workflow, draft: ExecutionDraft, waitMillis: number) =>
  executor.start(draft.placement, snapshotOf(pendingExecution(draft, workflow), definitionOf(workflow), draft), {
    waitMillis,
    recovery: false
  }).pipe(
    Effect.catch((error) =>
      Effect.as(
        Effect.logWarning("The engine did not take a delivery's execution; it is left to the sweep", error),
        Option.none<ExecutionState>()
      )
    ),
    Effect.annotateLogs({ executionId: draft.id, workflowId: workflow.id })
  )

/** The inputs that a workflow makes of a delivery, and what is wrong with them. */
const inputsOf = Effect.fnUntraced(function*(
  { inputs: expressions, validator }: IntakePorts,
  workflow: Workflow,
  triggerData: JsonObject,
  content: Json
) {
  const expression = webhookOf(workflow.triggers)?.inputs
  const made = expression === undefined
    ? { value: defaultInputs(content) }
    : yield* expressions.evaluate(expression, { ...triggerData, type: "webhook", body: content }).pipe(
      Effect.map((value) => ({ value })),
      Effect.catch(({ message }) => Effect.succeed({ message }))
    )
  const problem = (message: string) => ({ inputs: {}, issues: [{ path: ["inputs"], message }] })
  if ("message" in made) return problem(made.message)
  if (!isObject(made.value)) return problem(`must be an object, but the expression gave ${kindOf(made.value)}`)
  if (jsonBytes(made.value) > Limits.inputBytes) return problem(`must take at most ${Limits.inputBytes} bytes as JSON`)
  return { inputs: made.value, issues: inputIssues(validator, workflow, made.value) }
})

const errorOf = (issues: ReadonlyArray<Issue>): DeliveryError => ({
  code: "EXECUTION-003",
  message: summarize(issues),
  issues: issues.slice(0, Limits.issues)
})
