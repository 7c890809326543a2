import type { Snapshot } from "../domain/ExecutionState.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import type { StepRecord } from "../domain/StepRecord.ts"
import { pathOf } from "../domain/TakenOver.ts"
import type { JournalRecord } from "../services/Journal.ts"
import { startedEntry } from "./Run.ts"

/** What the journal of a retry begins with: the steps that it takes over, and with the first of them the log so far. */
export const recordsOf = (snapshot: Snapshot, takenOver: ReadonlyArray<StepRecord>): ReadonlyArray<JournalRecord> =>
  takenOver.map((step, index) => ({
    path: pathOf(step),
    step,
    logs: index > 0
      ? []
      : [startedEntry({ snapshot, startedAt: snapshot.createdAt }), takenOverEntry(snapshot, takenOver)]
  }))

/** Names the steps of the workflow that are taken over, and tells how many are inside each step that is run again. */
const takenOverEntry = ({ createdAt, retryOf }: Snapshot, takenOver: ReadonlyArray<StepRecord>): LogEntry => {
  const paths = takenOver.map(pathOf)
  const steps = new Set(paths.filter((path) => holderOf(path) === path))
  const inside = Map.groupBy(paths.map(holderOf).filter((holder) => !steps.has(holder)), (holder) => holder)
  return {
    timestamp: createdAt,
    level: "info",
    message: "Steps taken over",
    data: {
      from: retryOf ?? null,
      steps: [...steps],
      ...(inside.size === 0
        ? {}
        : { inside: Object.fromEntries([...inside].map(([holder, { length }]) => [holder, length])) })
    }
  }
}

/** The step of the workflow that a path is, or stands in. */
const holderOf = (path: string): string => path.split(/[.[]/, 1)[0] ?? path
