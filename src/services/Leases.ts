import type { Effect } from "effect"
import { Context } from "effect"
import type { WhenFull } from "../domain/Concurrency.ts"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionId } from "../domain/Ids.ts"

/** An execution asks for a slot. */
export interface LeaseRequest extends SlotRequest {
  /** What the limit holds for: a workflow of a tenant, or one value of its key. */
  readonly scope: string
}

/** The same, of a scope that is known. */
export interface SlotRequest {
  /** That of the execution that came last holds for all. */
  readonly limit: number
  readonly whenFull: WhenFull
  readonly id: ExecutionId
}

/** What came of it. */
export type LeaseOutcome =
  | { readonly _tag: "Granted"; readonly since: number }
  /** `before`: how many wait in front of it. `cancel`: those in whose place it is to run. */
  | { readonly _tag: "Queued"; readonly before: number; readonly cancel: ReadonlyArray<ExecutionId> }
  /** Nothing is kept of it. `waiting`: how many wait already. */
  | { readonly _tag: "Rejected"; readonly waiting: number }
  /** Another execution runs in its place. */
  | { readonly _tag: "Superseded"; readonly by: ExecutionId }

export interface LeaseAnswer {
  readonly outcome: LeaseOutcome
  /** Executions that waited and hold a slot from now on: they are to be told. */
  readonly granted: ReadonlyArray<ExecutionId>
}

/** A wrong slot: how the leases get rid of one. */
export const leaseUpkeep = {
  /**
   * Whoever finds no free slot has those looked up of whom nobody has heard for so long (milliseconds): the slot of an
   * execution that has ended, or is gone, is free.
   */
  confirmAfterMillis: 60_000
} as const

/**
 * Slots for executions, so many for each scope; first come, first served. Every call may be repeated: a holder that asks
 * again holds on, one that waits keeps its place, and what is not held can be released.
 */
export class Leases extends Context.Service<Leases, {
  readonly acquire: (request: LeaseRequest) => Effect.Effect<LeaseAnswer, StorageError>
  /** Frees the slot, or leaves the queue. Answers who waited and holds a slot now. */
  readonly release: (scope: string, id: ExecutionId) => Effect.Effect<ReadonlyArray<ExecutionId>, StorageError>
}>()("atlasit/services/Leases") {}
