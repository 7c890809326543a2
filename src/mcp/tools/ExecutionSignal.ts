import { Effect, Schema } from "effect"
import type { Json } from "effect/Schema"
import { ExecutionFinished } from "../../domain/Errors.ts"
import { isTerminal } from "../../domain/Execution.ts"
import { SignalName } from "../../domain/steps/WaitForEvent.ts"
import { invalidData } from "../../http/Problems.ts"
import { Executions } from "../../services/Executions.ts"
import type { PendingSignal } from "../../services/PendingSignals.ts"
import { PendingSignals } from "../../services/PendingSignals.ts"
import { failure } from "../Answers.ts"
import { approvalOf } from "../Approval.ts"
import { executionId } from "../Arguments.ts"
import type { Call } from "../Catalog.ts"
import type { Decision } from "../Questions.ts"
import { approvalSchema, ask, canAsk, decisionOf, formOf } from "../Questions.ts"
import { Running } from "../Running.ts"
import type { Asked } from "../Signals.ts"
import { deliveryOf, isOf, messageOf, namesOf, shortly, stateOf, waitingOf } from "../Signals.ts"
import { defineTool } from "../Tool.ts"
import { ExecutionView } from "../views/Execution.ts"
import { workflowUri } from "../views/Workflow.ts"

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
  output: Schema.Struct({
    ...ExecutionView.fields,
    delivered: Schema.Literals(["step", "kept"]),
    note: Schema.optionalKey(Schema.String)
  })
})

/** Sends a signal with what a person has decided. */
export const executionSignal = Effect.gen(function*() {
  const executions = yield* Executions
  const pending = yield* PendingSignals
  const running = yield* Running

  /** What the user is asked; fails where nothing waits for the answer, or where no form can ask for it. */
  const question = Effect.fnUntraced(function*(call: Call, asked: Asked) {
    const { awaited, execution } = asked
    const { id, status } = execution
    if (isTerminal(status)) return yield* new ExecutionFinished({ id, status })
    if (awaited.length === 0) return yield* undecided(call, "is required: no step waits for a signal now")
    const waiting = waitingOf(asked)
    if (waiting === undefined) {
      return yield* refused(call, "signal", `is not one that a step waits for; awaited: ${namesOf(awaited)}`)
    }
    if (!canAsk(call)) return yield* undecided(call, "is required: this client can't ask its user")
    const schema = formFor(waiting)
    if (schema === undefined) {
      return yield* undecided(
        call,
        "is required: no form can ask for it. Ask the user yourself; it must fit config.schema in " +
          `${workflowUri(execution.workflowId)} (version ${execution.workflowVersion}), of the step ${
            shortly(waiting.step)
          }`
      )
    }
    return yield* ask(call, { message: messageOf(asked, waiting), schema, state: stateOf(asked) })
  })

  /** What the user can be asked in a form; undefined: no form can ask for what the step takes. */
  const formFor = (waiting: PendingSignal) =>
    waiting.schema === null ? approvalSchema : formOf(waiting.schema) ?? approvalFor(waiting)

  /** The question of an approval, if the step takes every answer to it. */
  const approvalFor = (waiting: PendingSignal) =>
    approvals.every((payload) => pending.accepts(waiting, payload)) ? approvalSchema : undefined

  /** Whether what the user has sent says yes or no, where that was the question. */
  const decides = (asked: Asked, decision: Extract<Decision, { readonly _tag: "Accepted" }>) => {
    const waiting = waitingOf(asked)
    const isApproval = waiting !== undefined && formFor(waiting) === approvalSchema
    return !isApproval || approvalOf(decision)._tag !== "Undecided"
  }

  const send = Effect.fnUntraced(function*({ principal }: Call, asked: Asked, payload: Json) {
    const sent = yield* executions.signal(principal, asked.execution.id, asked.signal, payload)
    const { links, output } = yield* running.show(sent)
    return { output: { ...output, ...deliveryOf(asked, sent) }, links }
  })

  return tool(
    Effect.fn("execution_signal")(function*({ executionId, payload, signal }, call) {
      const execution = yield* executions.get(call.principal, executionId)
      const asked: Asked = { execution, signal, awaited: yield* pending.awaitedBy(execution) }
      if (payload !== undefined) return yield* send(call, asked, payload)
      const decision = decisionOn(call, asked)
      switch (decision._tag) {
        case "Accepted":
          return decides(asked, decision)
            ? yield* send(call, asked, decision.content)
            : yield* undecided(call, notDecided)
        case "Declined":
        case "Cancelled":
          return yield* undecided(call, notDecided)
        case "Unasked":
          return yield* question(call, asked)
      }
    })
  )
})

const notDecided = "is missing: the user has not decided, and nothing was sent"

/** What the user has said to the question of this very signal and step: an answer to another one is none. */
const decisionOn = (call: Call, asked: Asked): Decision =>
  isOf(asked, call.context.mcpReq.requestState()) ? decisionOf(call) : { _tag: "Unasked" }

/** What users may say to the question of an approval. */
const approvals: ReadonlyArray<Json> = [true, false].flatMap((approved) => [
  { approved },
  { approved, comment: "" },
  { approved, comment: "Because." }
])

/** What is wrong with the call itself, whatever the step's schema says. */
const refused = ({ requestId }: Call, path: string, message: string) =>
  Effect.succeed({ refused: failure(requestId, invalidData("EXECUTION-003", [{ path: [path], message }]), "service") })

const undecided = (call: Call, message: string) => refused(call, "payload", message)
