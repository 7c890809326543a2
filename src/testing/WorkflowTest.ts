import { Clock, Data, Duration, Effect, Redacted } from "effect"
import type { Json } from "effect/Schema"
import { TestClock } from "effect/testing"
import { decodeDefinition } from "../domain/DefinitionCheck.ts"
import type { Execution, ExecutionDetail, Inputs } from "../domain/Execution.ts"
import { isTerminal } from "../domain/Execution.ts"
import type { ExecutionId, TenantId } from "../domain/Ids.ts"
import { WorkflowId } from "../domain/Ids.ts"
import type { Issue } from "../domain/Issues.ts"
import { formatIssues } from "../domain/Issues.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import { unrestricted } from "../domain/Principal.ts"
import type { StepRecord } from "../domain/StepRecord.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { WorkflowCreate } from "../domain/Workflow.ts"
import { workflowOf } from "../domain/Workflow.ts"
import { loadClient } from "../engine/steps/McpTool.ts"
import { Executions } from "../services/Executions.ts"
import { Secrets } from "../services/Secrets.ts"
import { WorkflowRepository } from "../services/WorkflowRepository.ts"
import { Workflows } from "../services/Workflows.ts"
import type { ScriptedRoute, SeenRequest } from "./ScriptedHttp.ts"
import { SeenRequests } from "./ScriptedHttp.ts"
import * as TestService from "./TestService.ts"

/** What a run is given. */
export interface RunOptions {
  readonly inputs?: Inputs
  /** What the upstreams of the `http-request` and `mcp-tool` steps answer. */
  readonly http?: ReadonlyArray<ScriptedRoute>
  /** The tenant's secrets by name. */
  readonly secrets?: Readonly<Record<string, string>>
  /** The signals that are sent, and when: so long after the start. One that comes after the end is lost. */
  readonly signals?: ReadonlyArray<{ readonly name: string; readonly payload?: Json; readonly after: Duration.Input }>
  /** The tenant's other workflows, by the ids under which the definition starts them. */
  readonly workflows?: Readonly<Record<string, unknown>>
  /** How much virtual time the run may take: 366 days by default. */
  readonly within?: Duration.Input
  /** When the run begins, in milliseconds since 1970: 0 by default. */
  readonly startAt?: number
}

/** What a run left: what the API would show of it, and the requests that its steps made. */
export interface TestRun extends ExecutionDetail {
  /** The record of a step, by its path (`step-1`, `loop[3].call`, `step-1:undo`); undefined: there is none. */
  readonly step: (path: string) => StepRecord | undefined
  readonly logs: ReadonlyArray<LogEntry>
  readonly requests: ReadonlyArray<SeenRequest>
  /** The executions that it has started. */
  readonly children: ReadonlyArray<Execution>
  /** How long the run took, in milliseconds of virtual time. */
  readonly durationMs: number
}

/** The definition can't be saved: every problem, with its path. */
export class DefinitionRefused extends Data.TaggedError("DefinitionRefused")<{
  readonly issues: ReadonlyArray<Issue>
}> {
  override get message() {
    return formatIssues(this.issues)
  }
}

/** The run had not ended when its time was over. */
export class RunTookTooLong extends Data.TaggedError("RunTookTooLong")<{ readonly status: string }> {}

const operator = unrestricted("test", null)

/**
 * Runs a definition as the service would, in memory: the steps' requests are answered by the script, and time is virtual,
 * so that a workflow which waits for days is done at once. `tenantId` and `name` may be left out.
 */
export const run = (
  definition: unknown,
  options: RunOptions = {}
): Effect.Effect<TestRun, DefinitionRefused | RunTookTooLong> =>
  Effect.gen(function*() {
    const workflows = yield* Workflows
    const executions = yield* Executions
    const secrets = yield* Secrets
    if (options.startAt !== undefined) yield* TestClock.setTime(options.startAt)

    const input = yield* decode(definition)
    yield* Effect.forEach(Object.entries(options.secrets ?? {}), ([name, value]) =>
      secrets.put(operator, { tenantId: input.tenantId, name }, Redacted.make(value)))
    yield* Effect.forEach(Object.entries(options.workflows ?? {}), ([id, other]) =>
      save(id, input.tenantId, other))
    // Loading takes real time, and virtual time would not wait for it.
    if (JSON.stringify([input.steps, options.workflows]).includes("\"mcp-tool\"")) yield* loadClient
    const workflow = yield* workflows.create(operator, input)
    const { id } = yield* executions.start(operator, {
      workflowId: workflow.id,
      ...(options.inputs === undefined ? {} : { inputs: options.inputs }),
      requestId: null,
      waitMillis: 0
    })
    yield* Effect.forkChild(Effect.forEach(options.signals ?? [], ({ after, name, payload }) =>
      Effect.sleep(after).pipe(
        Effect.andThen(executions.signal(operator, id, name, payload ?? null)),
        Effect.ignore
      ), { concurrency: "unbounded", discard: true }))
    const execution = yield* advanceToEnd(id, Duration.fromInputUnsafe(options.within ?? defaultWithin))
    const { items } = yield* executions.list(operator, { tenantId: input.tenantId, limit: Limits.pageItems })
    return {
      ...execution,
      children: items.filter(({ parentId }) => parentId === id).toReversed(),
      step: (path: string) => execution.steps.find((step) => (step.path ?? step.id) === path),
      logs: yield* executions.logs(operator, id),
      requests: yield* (yield* SeenRequests).all,
      durationMs: Date.parse(execution.completedAt ?? execution.updatedAt) - Date.parse(execution.startedAt)
    }
  }).pipe(
    Effect.catchTag("WorkflowInvalid", ({ issues }) => new DefinitionRefused({ issues })),
    Effect.catchTags({
      EngineUnavailable: Effect.die,
      ExecutionInvalid: Effect.die,
      ExecutionNotFound: Effect.die,
      KeyForbidden: Effect.die,
      SecretInvalid: Effect.die,
      SecretNotStored: Effect.die,
      SecretsUnavailable: Effect.die,
      StorageError: Effect.die,
      TenantForbidden: Effect.die,
      WorkflowInactive: Effect.die,
      WorkflowNotFound: Effect.die
    }),
    Effect.provide(TestService.layer(options.http ?? []))
  )

const defaultWithin = "366 days"

const decode = (definition: unknown): Effect.Effect<WorkflowCreate, DefinitionRefused> => {
  const input = typeof definition === "object" && definition !== null
    ? { tenantId: "test", name: "test", ...definition }
    : definition
  return Effect.fromResult(decodeDefinition(input)).pipe(
    Effect.mapError((issues) =>
      new DefinitionRefused({ issues: issues.map(({ message, path }) => ({ message, path })) })
    )
  )
}

/** Saves a workflow under an id of the caller's choice. */
const save = Effect.fnUntraced(function*(id: string, tenantId: TenantId, definition: unknown) {
  const input = yield* decode({ tenantId, ...(typeof definition === "object" ? definition : {}) })
  const validated = yield* Workflows.use(({ validate }) => validate(operator, input))
  if (!validated.valid) return yield* new DefinitionRefused({ issues: validated.issues })
  const now = yield* Timestamp.now
  yield* WorkflowRepository.use(({ insert }) => insert(workflowOf(WorkflowId.make(id), input, now)))
})

/** Time goes on in growing strides: within a stride everything happens at its own moment. */
const advanceToEnd = Effect.fnUntraced(function*(id: ExecutionId, within: Duration.Duration) {
  const executions = yield* Executions
  const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(within)
  let stride = 1
  while (true) {
    yield* settle
    const execution: ExecutionDetail = yield* executions.get(operator, id)
    if (isTerminal(execution.status)) return execution
    const left = deadline - (yield* Clock.currentTimeMillis)
    if (left <= 0) return yield* new RunTookTooLong({ status: execution.status })
    yield* TestClock.adjust(Math.min(stride, left))
    stride = Math.min(stride * 2, longestStrideMillis)
  }
})

const longestStrideMillis = 86_400_000

/** Lets work that does not depend on the clock (reading a body, a digest) come to rest. */
const settle = TestClock.withLive(
  Effect.andThen(Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(1))), Effect.sleep(0))
).pipe(Effect.repeat({ times: 2 }))
