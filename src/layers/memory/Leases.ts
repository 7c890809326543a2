import { Effect, Layer } from "effect"
import type { ExecutionId } from "../../domain/Ids.ts"
import { ExecutionRepository } from "../../services/ExecutionRepository.ts"
import type { LeaseRequest } from "../../services/Leases.ts"
import { Leases } from "../../services/Leases.ts"
import type { LeaseDesk } from "../LeaseDesk.ts"
import { makeDesk } from "../LeaseDesk.ts"
import { LeaseTable } from "../LeaseTable.ts"
import { Faults } from "./Faults.ts"

const nowhere = { put: () => {}, remove: () => {}, setLimit: () => {} }

/** Slots in the memory of this process. They outlive the executor, so that a test can let one crash. */
export const layer = Layer.effect(
  Leases,
  Effect.gen(function*() {
    const faults = yield* Faults
    const executions = yield* ExecutionRepository
    const desks = new Map<string, LeaseDesk>()

    const deskOf = (scope: string): LeaseDesk => {
      const known = desks.get(scope)
      if (known !== undefined) return known
      const desk = makeDesk(new LeaseTable(nowhere, 0, []), executions, Effect.void)
      desks.set(scope, desk)
      return desk
    }

    return Leases.of({
      acquire: Effect.fn("Leases.acquire")(function*(request: LeaseRequest) {
        yield* faults.check("leases.acquire")
        return yield* deskOf(request.scope).acquire(request)
      }),
      release: Effect.fn("Leases.release")(function*(scope: string, id: ExecutionId) {
        yield* faults.check("leases.release")
        return yield* deskOf(scope).release(id)
      })
    })
  })
)
