import { Effect, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { StepId, TenantId } from "../../src/domain/Ids.ts"
import * as Client from "../../src/http/Client.ts"

/** Stores a workflow, runs it and answers its outputs; or the code of the problem that the service told. */
export const greet = (baseUrl: string, key: string) =>
  Effect.gen(function*() {
    const client = yield* Client.make({ baseUrl, apiKey: Redacted.make(key) })
    const workflow = yield* client.workflows.create({
      payload: {
        tenantId: TenantId.make("tenant-123"),
        name: "Greeting",
        steps: [{
          id: StepId.make("greet"),
          type: "transform",
          order: 1,
          config: { operation: "set", values: { greeting: "Hello" } }
        }]
      }
    })
    const execution = yield* client.executions.start({
      payload: { workflowId: workflow.id, inputs: { name: "Ada" } },
      headers: { prefer: "wait=10" }
    })
    return execution.outputs
  }).pipe(
    Effect.catchTag("Problem", (problem) => Effect.succeed(problem.code)),
    Effect.provide(FetchHttpClient.layer)
  )
