import { Schema } from "effect"
import { WhenFull } from "../../domain/Concurrency.ts"
import { ExecutionId } from "../../domain/Ids.ts"

const Ids = Schema.Array(ExecutionId)

/** What goes between the executions and the lease object of a scope. */
export interface LeaseRpc {
  acquire(request: typeof RequestOfScope.Encoded): Promise<typeof Answer.Encoded>
  release(id: string): Promise<typeof Ids.Encoded>
}

/** `LeaseRequest` without the scope: that is the object's name. */
export const RequestOfScope = Schema.Struct({
  limit: Schema.Int,
  whenFull: WhenFull,
  id: ExecutionId
})

/** `LeaseAnswer`. */
export const Answer = Schema.Struct({
  outcome: Schema.TaggedUnion({
    Granted: { since: Schema.Finite },
    Queued: { before: Schema.Int, cancel: Ids },
    Rejected: { waiting: Schema.Int },
    Superseded: { by: ExecutionId }
  }),
  granted: Ids
})

/** Those that got a slot by a release. */
export const Released = Ids
