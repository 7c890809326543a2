import { Context, Effect, Layer } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionDetail } from "../domain/Execution.ts"
import type { ExecutionProgress } from "../domain/ExecutionProgress.ts"
import { PendingSignals } from "../services/PendingSignals.ts"
import type { Call } from "./Catalog.ts"
import type { withParts } from "./Parts.ts"
import type { ExecutionMember, ExecutionView } from "./views/Execution.ts"
import { executionView } from "./views/Execution.ts"

/** How tools show executions that may be running. */
export class Running extends Context.Service<Running, {
  /** An execution as an answer, with the signals that it waits for. */
  readonly show: (
    execution: ExecutionDetail,
    members?: ReadonlyArray<ExecutionMember>
  ) => Effect.Effect<ReturnType<typeof withParts<ExecutionView>>, StorageError>
}>()("atlasit/mcp/Running") {
  static readonly layer = Layer.effect(
    Running,
    Effect.gen(function*() {
      const pending = yield* PendingSignals
      return Running.of({
        show: (execution, members) =>
          Effect.map(pending.awaitedBy(execution), (awaited) => executionView(execution, awaited, members))
      })
    })
  )
}

/** Tells a client each entry of the log while it waits. */
export const telling = ({ tell }: Call) =>
  tell === undefined
    ? undefined
    : ({ entries }: ExecutionProgress) =>
      Effect.forEach(
        entries,
        ({ message, stepId }) => tell(stepId === undefined ? message : `${message}: ${stepId}`),
        { discard: true }
      )
