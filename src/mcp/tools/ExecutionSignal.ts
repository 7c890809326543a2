import { Effect, Option, Schema } from "effect"
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
      const decided: Decision = payload === undefined ? decisionOn(call, executionId, signal) : given(payload)
      switch (decided._tag) {
        case "Accepted":
          return yield* running.show(yield* executions.signal(call.principal, executionId, signal, decided.content))
        case "Declined":
        case "Cancelled":
          return yield* undecided("the user has not decided; nothing was sent")
        case "Unasked":
          return canAsk(call)
            ? yield* question(call, executionId, signal)
            : yield* undecided("is required: this client can't ask its user")
      }
    })
  )
})

type Decision = ReturnType<typeof given> | ReturnType<typeof decisionOf>

const given = (content: Json) => ({ _tag: "Accepted" as const, content })

const decodeState = Schema.decodeUnknownOption(Schema.Struct({ id: Schema.String, signal: Schema.String }))

/** What the user has said to the question of this very signal: an answer to another one is none. */
const decisionOn = (call: Call, id: ExecutionId, signal: string): Decision => {
  const asked = decodeState(call.context.mcpReq.requestState())
  return Option.isSome(asked) && asked.value.id === id && asked.value.signal === signal
    ? decisionOf(call)
    : { _tag: "Unasked" }
}

const undecided = (message: string) => Effect.fail(new ExecutionInvalid({ issues: [{ path: ["payload"], message }] }))
