import { Effect } from "effect"
import { StorageError } from "../domain/Errors.ts"

/** What the stores can be asked to do: how their errors name it, and how a test names what is to fail. */
export type Operation =
  | `workflows.${"insert" | "find" | "list" | "update" | "remove" | "known" | "findVersion" | "listVersions"}`
  | `tools.${"list" | "find"}`
  | `executions.${"insert" | "find" | "list" | "progress" | "finish" | "unfinished" | "claimStale" | "prune"}`
  | `secrets.${"insert" | "update" | "find" | "list" | "remove" | "values" | "encryptedUnder" | "reencrypt"}`
  | `keys.${"insert" | "findByDigest" | "find" | "list" | "remove" | "used"}`
  | `proposals.${"insert" | "find" | "list" | "approve" | "close" | "prune"}`
  | `webhooks.${"target" | "receive" | "find" | "list" | "token" | "rotate" | "prune"}`
  | `schedules.${
    | "list"
    | "setPaused"
    | "due"
    | "nextDue"
    | "claim"
    | "take"
    | "findDue"
    | "record"
    | "fires"
    | "behind"
    | "prune"}`
  | `leases.${"acquire" | "release"}`
  | `archive.${"put" | "get"}`
  | `journal.${
    | "create"
    | "load"
    | "due"
    | "record"
    | "wait"
    | "slot"
    | "signal"
    | "park"
    | "requestCancel"
    | "unwind"
    | "countResume"
    | "end"
    | "remove"}`
  | `alarm.${"setNoLaterThan" | "clear"}`
  | `health.${"database" | "kv"}`

/** Turns every failure of an operation into one that names it; one that does already stays. */
export const storageErrorOf =
  (operation: Operation) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, StorageError, R> =>
    Effect.mapError(effect, (cause) => cause instanceof StorageError ? cause : new StorageError({ operation, cause }))
