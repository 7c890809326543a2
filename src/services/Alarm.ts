import type { Effect } from "effect"
import { Context } from "effect"
import type { StorageError } from "../domain/Errors.ts"

/** Wakes the executor, also after a crash. There is one alarm: it rings once and is then unset. */
export class Alarm extends Context.Service<Alarm, {
  /** Rings at this time (milliseconds since 1970), or earlier if it was set to an earlier time. */
  readonly setNoLaterThan: (millis: number) => Effect.Effect<void, StorageError>
  /** Nothing is left to wake up for. */
  readonly clear: Effect.Effect<void, StorageError>
}>()("atlasit/services/Alarm") {}
