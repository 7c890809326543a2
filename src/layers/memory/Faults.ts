import { Context, Effect, Layer } from "effect"
import { StorageError } from "../../domain/Errors.ts"
import type { Operation } from "../Operation.ts"

/** Lets the memory layers fail, for tests of failures and crashes. A fault hits before anything is written. */
export class Faults extends Context.Service<Faults, {
  /** Lets the next calls of an operation fail: one by default. */
  readonly failNext: (operation: Operation, times?: number) => Effect.Effect<void>
  /** Fails if this call of the operation is to fail. */
  readonly check: (operation: Operation) => Effect.Effect<void, StorageError>
}>()("atlasit/layers/memory/Faults") {
  static readonly layer = Layer.sync(Faults, () => {
    const left = new Map<Operation, number>()
    return Faults.of({
      failNext: (operation, times = 1) => Effect.sync(() => left.set(operation, times)),
      check: (operation) =>
        Effect.suspend(() => {
          const times = left.get(operation) ?? 0
          if (times <= 0) return Effect.void
          left.set(operation, times - 1)
          return Effect.fail(new StorageError({ operation, cause: new Error("A fault of the test") }))
        })
    })
  })
}
