import { Option, Schema } from "effect"
import type { ExecutionDetail } from "../domain/Execution.ts"
import type { PendingSignal } from "../services/PendingSignals.ts"
import { quoted } from "./Quoting.ts"
import { clipped } from "./Size.ts"

/** A signal that is to be sent, and what the execution waits for. */
export interface Asked {
  readonly execution: ExecutionDetail
  readonly signal: string
  readonly awaited: ReadonlyArray<PendingSignal>
}

/** The first of the steps that wait for the signal. */
export const waitingOf = ({ awaited, signal }: Asked): PendingSignal | undefined =>
  awaited.find((waiting) => waiting.signal === signal)

const State = Schema.Struct({ id: Schema.String, signal: Schema.String, step: Schema.NullOr(Schema.String) })
const decodeState = Schema.decodeUnknownOption(State)

/** What tells a question from others: the execution, the signal and the step that waits. */
export const stateOf = (asked: Asked): typeof State.Type => ({
  id: asked.execution.id,
  signal: asked.signal,
  step: waitingOf(asked)?.step ?? null
})

/** Whether a question of this state asked for the very signal, at the step that waits for it now. */
export const isOf = (asked: Asked, state: unknown): boolean => {
  const found = decodeState(state)
  const { id, signal, step } = stateOf(asked)
  return Option.isSome(found) && found.value.id === id && found.value.signal === signal && found.value.step === step
}

/** Names that are told of those awaited; how many more there are is told. */
const namesTold = 5

/** The signals that are awaited, by name. */
export const namesOf = (awaited: Asked["awaited"]): string => {
  const names = [...new Set(awaited.map(({ signal }) => signal))]
  const more = names.length - namesTold
  return `${names.slice(0, namesTold).map(quoted).join(", ")}${more > 0 ? ` and ${more} more` : ""}`
}

/**
 * Whether a step takes the signal, or it is only kept for one that may wait for it. A name that holds a secret isn't known
 * here: that the step doesn't wait any more tells as much.
 */
export const deliveryOf = (asked: Asked, sent: ExecutionDetail) => {
  const waits = new Set(sent.steps.filter(({ status }) => status === "waiting").map(({ id, path = id }) => path))
  if (
    waitingOf(asked) !== undefined ||
    asked.awaited.some(({ signal, step }) => signal.includes("[secret:") && !waits.has(step))
  ) {
    return { delivered: "step" as const }
  }
  const { awaited } = asked
  const others = awaited.length === 0 ? "no signal is awaited now" : `awaited: ${namesOf(awaited)}`
  return { delivered: "kept" as const, note: `No step waits for it yet: it is kept for one that may; ${others}` }
}

/** Characters of a text that others have written. */
const textCharacters = 500

/** A text that others have written, as a part of the service's own. */
export const shortly = (text: string): string => quoted(clipped(text, textCharacters))

/** What a person is asked, and where the answer goes. */
export const messageOf = (
  { execution: { id, startedAt, workflowId } }: Asked,
  { signal, step, workflow }: PendingSignal
): string =>
  [
    "A workflow waits for a decision. What is decided?",
    `Workflow: ${shortly(workflow)} (${workflowId})`,
    `Execution: ${id}, started at ${startedAt}`,
    `Step: ${shortly(step)}`,
    `Signal: ${quoted(signal)}`
  ].join("\n")
