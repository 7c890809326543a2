import { Effect, Schema } from "effect"
import type { Json } from "effect/Schema"
import { ExecutionInvalid } from "../../domain/Errors.ts"
import type { ExecutionId } from "../../domain/Ids.ts"
import { SignalName } from "../../domain/steps/WaitForEvent.ts"
import { Executions } from "../../services/Executions.ts"
import { PendingSignals } from "../../services/PendingSignals.ts"
import { executionId } from "../Arguments.ts"
import type { Call } from "../Catalog.ts"
import { approvalSchema, ask, canAsk, decisionOf, formOf } from "../Questions.ts"
import { Running } from "../Running.ts"
import { defineTool } from "../Tool.ts"
import { ExecutionView } from "../views/Execution.ts"

const tool = defineTool({
  name: "execution_signal",
  title: "Send a signal",
  description:
    "Delivers a signal to the step that waits for it; an approval is one. Its payload is the decision of a person: never " +
    "make one up. Without a payload the client asks the user, where it can.",
  scope: "run",
  hints: { readOnly: false, destructive: true },
  input: Schema.Struct({
    executionId,
    signal: SignalName.annotateKey({ description: "Its name, as in waitingFor of the execution" }),
    payload: Schema.optionalKey(Schema.Json).annotateKey({
      description: "What was decided, e.g. { \"approved\": true }"
    })
  }),
  output: ExecutionView
})

/** Sends a signal with what a person has decided. */
export const executionSignal = Effect.gen(function*() {
  const executions = yield* Executions
  const pending = yield* PendingSignals
  const running = yield* Running

  const question = Effect.fnUntraced(function*(call: Call, id: ExecutionId, signal: string) {
    const execution = yield* executions.get(call.principal, id)
    const awaited = (yield* pending.awaitedBy(execution)).find((found) => found.signal === signal)
    return yield* ask(call, {
      message: `An execution waits for the signal "${signal}"${
        awaited === undefined ? "" : ` at the step "${awaited.step}"`
      }. What is decided?`,
      schema: formOf(awaited?.schema ?? null) ?? approvalSchema,
      state: { id, signal }
    })
  })

  return tool(
    Effect.fn("execution_signal")(function*({ executionId, payload, signal }, call) {
      const decision = decisionOf(call)
      if (payload === undefined && decision._tag === "Unasked" && canAsk(call)) {
        return yield* question(call, executionId, signal)
      }
      if (payload === undefined && decision._tag === "Declined") {
        return yield* undecided("the user has not decided; nothing was sent")
      }
      const decided: Json | undefined = payload ?? (decision._tag === "Accepted" ? decision.content : undefined)
      if (decided === undefined) return yield* undecided("is required: this client can't ask its user")
      return yield* running.show(yield* executions.signal(call.principal, executionId, signal, decided))
    })
  )
})

const undecided = (message: string) => Effect.fail(new ExecutionInvalid({ issues: [{ path: ["payload"], message }] }))
