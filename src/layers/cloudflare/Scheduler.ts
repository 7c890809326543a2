import { Effect } from "effect"
import { SchedulerNamespace } from "./Bindings.ts"
import { schedulerName } from "./SchedulerRpc.ts"

/** Lets the scheduler's object look whether the time of a schedule has come. */
export const wake = SchedulerNamespace.use((namespace) =>
  Effect.tryPromise(() => namespace.getByName(schedulerName).wake())
).pipe(
  Effect.catch((error) => Effect.logError("The scheduler could not be woken; the next tick tries again", error)),
  Effect.withSpan("Scheduler.wake")
)
