import { Context, Effect, Layer, ManagedRuntime, Redacted, Schema } from "effect"
import { onTestFinished } from "vitest"
import { Delivery, DeliveryDetail, Webhook } from "../../src/domain/Delivery.ts"
import { ExecutionDetail } from "../../src/domain/Execution.ts"
import { DeliveryId, ExecutionId, StepId, TenantId } from "../../src/domain/Ids.ts"
import { pageOf } from "../../src/domain/Page.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import type { Trigger } from "../../src/domain/Trigger.ts"
import type { WorkflowCreate } from "../../src/domain/Workflow.ts"
import { Problem } from "../../src/http/api/Errors.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Hooks } from "../../src/services/Hooks.ts"
import { Retries } from "../../src/services/Retries.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { Webhooks } from "../../src/services/Webhooks.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import * as TestService from "../../src/testing/TestService.ts"
import { serve } from "./harness.ts"

export const signingSecret = "It's a Secret to Everybody"
const principal = unrestricted("test", null)
const tenantId = TenantId.make("tenant-a")

/** A workflow that shows what its trigger brought. */
const steps: WorkflowCreate["steps"] = [{
  id: StepId.make("show"),
  type: "transform",
  order: 1,
  config: { operation: "set", values: { seen: "{{ trigger }}", got: "{{ inputs }}" } }
}]

export const Accepted = Schema.Struct({ executionId: ExecutionId, deliveryId: DeliveryId })

/** A running service in memory, a workflow with this webhook, and the calls on both. */
export const start = async (trigger: Trigger, members: Partial<WorkflowCreate> = {}) => {
  const runtime = ManagedRuntime.make(Layer.fresh(TestService.layer([])))
  onTestFinished(() => runtime.dispose())
  const context = await runtime.context()
  const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<ReturnType<typeof TestService.layer>>>) =>
    runtime.runPromise(effect)
  const executions = Context.get(context, Executions)
  const service = serve({
    executions,
    retry: Context.get(context, Retries).retry,
    workflows: Context.get(context, Workflows),
    secrets: Context.get(context, Secrets),
    hooks: Context.get(context, Hooks),
    webhooks: Context.get(context, Webhooks)
  })
  await run(Context.get(context, Secrets).put(principal, { tenantId, name: "HOOK" }, Redacted.make(signingSecret)))
  const workflow = await run(
    Context.get(context, Workflows).create(principal, {
      tenantId,
      name: "Hooked",
      steps,
      triggers: [trigger],
      ...members
    })
  )

  const read = async <A>(schema: Schema.Codec<A, unknown>, answer: Promise<Response>, status = 200): Promise<A> => {
    const response = await answer
    const text = await response.text()
    if (response.status !== status) throw new Error(`${response.status} instead of ${status}: ${text}`)
    return Schema.decodeUnknownSync(Schema.fromJsonString(schema))(text)
  }
  const of = `/api/workflows/${workflow.id}`
  return {
    ...service,
    workflow,
    read,
    /** Sends to the webhook, without a key. */
    post: (
      body: string | Uint8Array<ArrayBuffer>,
      headers: Record<string, string> = {},
      path = `/hooks/${workflow.id}`
    ) =>
      service.fetch(path, {
        method: "POST",
        key: null,
        headers: { "content-type": "application/json", ...headers },
        body
      }),
    problem: (answer: Promise<Response>, status: number) => read(Problem, answer, status),
    webhook: () => read(Webhook, service.fetch(`${of}/webhook`)),
    rotate: () => read(Webhook, service.fetch(`${of}/webhook/rotate`, { method: "POST" })),
    deliveries: (query = "") => read(pageOf(Delivery), service.fetch(`${of}/deliveries${query}`)),
    delivery: (id: string) => read(DeliveryDetail, service.fetch(`${of}/deliveries/${id}`)),
    redeliver: (id: string) => service.fetch(`${of}/deliveries/${id}/redeliver`, { method: "POST" }),
    update: (body: Partial<WorkflowCreate>) => service.send("PUT", of, body),
    remove: () => service.fetch(of, { method: "DELETE" }),
    retry: (id: string, body: unknown) =>
      read(ExecutionDetail, service.send("POST", `/api/executions/${id}/retry`, body, { prefer: "wait=5" }), 201),
    execution: (id: string) => read(ExecutionDetail, service.fetch(`/api/executions/${id}`)),
    executionsOf: async () =>
      (await run(executions.list(principal, { tenantId: null, workflowId: workflow.id, limit: 100 }))).items,
    failNext: (operation: Parameters<Faults["Service"]["failNext"]>[0]) =>
      run(Context.get(context, Faults).failNext(operation))
  }
}
