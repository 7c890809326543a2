import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Layer, Ref, Schema } from "effect"
import type { Json } from "effect/Schema"
import { TestClock } from "effect/testing"
import { StorageError } from "../../src/domain/Errors.ts"
import { isTerminal } from "../../src/domain/Execution.ts"
import type { ExecutionId } from "../../src/domain/Ids.ts"
import { Step } from "../../src/domain/Step.ts"
import { isUndoPath, undoSuffix } from "../../src/domain/StepPath.ts"
import { stepAt } from "../../src/domain/StepTree.ts"
import type { JournalRecord } from "../../src/services/Journal.ts"
import { Journal } from "../../src/services/Journal.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { Host, surviving } from "./process.ts"

/** What a generated step does; the names are those of `stepOf`. */
type Shape =
  | { readonly kind: "give" | "call" | "flaky" | "failing" | "nap" | "skipped" | "wide" }
  | { readonly kind: "branch"; readonly holds: boolean; readonly steps: ReadonlyArray<Shape> }
  | {
    readonly kind: "loop"
    readonly items: number
    readonly concurrency: number
    readonly steps: ReadonlyArray<Shape>
  }

const Leaf = Schema.Struct({
  kind: Schema.Literals(["give", "call", "flaky", "failing", "nap", "skipped", "wide"])
})

const shapes = (depth: number): Schema.Codec<ReadonlyArray<Shape>> => {
  const steps = depth === 0 ? Schema.Array(Leaf) : Schema.Array(Schema.Union([
    Leaf,
    Schema.Struct({ kind: Schema.Literal("branch"), holds: Schema.Boolean, steps: shapes(depth - 1) }),
    Schema.Struct({
      kind: Schema.Literal("loop"),
      items: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
      concurrency: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 })),
      steps: shapes(depth - 1)
    })
  ]))
  return steps.check(Schema.isMinLength(1), Schema.isMaxLength(depth === 2 ? 4 : 2))
}

const retried = { attempts: 3, delay: "2s", backoff: "fixed", jitter: false }

/** A step of this shape; its order leaves some of its list side by side. */
const stepOf = (shape: Shape, index: number): object => {
  const common = {
    id: `s${index}`,
    order: Math.ceil(index / 2),
    ...(index % 2 === 0 ? { undo: { type: "http-request", config: { url: "https://up.example.com/undo" } } } : {})
  }
  const called = (address: string, more: object = {}) => ({
    ...common,
    type: "http-request",
    config: { url: `https://up.example.com/${address}`, query: { input: "{{ $string(input) }}" } },
    ...more
  })
  switch (shape.kind) {
    case "give":
      return { ...common, type: "transform", config: { operation: "expression", expression: "{ 'was': input }" } }
    case "wide":
      return {
        ...common,
        type: "transform",
        config: { operation: "expression", expression: "[input, steps.s0.output, steps.s0.status = 'completed']" }
      }
    case "call":
      return called("ok")
    case "flaky":
      return called("flaky", { retry: retried })
    case "failing":
      return called("never", { retry: { ...retried, attempts: 2 }, onError: { output: { failed: "{{ no }}" } } })
    case "nap":
      return { ...common, type: "delay", config: { duration: "3s" } }
    case "skipped":
      return { ...common, type: "fail", when: "false", config: { message: "never" } }
    case "branch":
      return {
        ...common,
        type: "condition",
        config: { if: String(shape.holds), then: shape.steps.map(stepOf), else: shape.steps.map(stepOf) }
      }
    case "loop":
      return {
        ...common,
        type: "for-each",
        config: {
          items: Array.from({ length: shape.items }, (_, item) => item),
          concurrency: shape.concurrency,
          steps: shape.steps.map(stepOf)
        }
      }
  }
}

/** The first call of each key to `flaky` fails; what the others answer tells what they got. */
const upstreams = (): ReadonlyArray<ScriptedRoute> => {
  const seen = new Set<string>()
  return [
    {
      url: /\/flaky/,
      respond: ({ headers }) => {
        const key = headers["idempotency-key"] ?? ""
        if (seen.has(key)) return { body: "at last" }
        seen.add(key)
        return { status: 503 }
      }
    },
    { url: /\/never/, respond: { status: 500 } },
    { url: /.*/, respond: ({ url }) => ({ body: { asked: url.length }, delay: "100 millis" }) }
  ]
}

/** What happens after which write of the journal, counted from 1 on. */
interface Disturbance {
  readonly after: number
  readonly by: "crash" | "cancel"
}

/** Every write of the journal: the test may stop the world after one. */
interface Watch {
  readonly onWrite: Ref.Ref<Effect.Effect<void, StorageError>>
  readonly records: Array<JournalRecord>
  id: ExecutionId | undefined
}

const watching = (watch: Watch) =>
  Layer.effect(
    Journal,
    Effect.map(Journal, (journal) => {
      const told = <A>(write: Effect.Effect<A, StorageError>) =>
        Effect.tap(write, () => Effect.flatten(Ref.get(watch.onWrite)))
      return Journal.of({
        ...journal,
        create: (snapshot) => {
          watch.id = snapshot.executionId
          return journal.create(snapshot)
        },
        wait: (...args) => told(journal.wait(...args)),
        park: (...args) => told(journal.park(...args)),
        end: (...args) => told(journal.end(...args)),
        unwind: (...args) => told(journal.unwind(...args)),
        record: (id, record) =>
          told(Effect.tap(journal.record(id, record), () => Effect.sync(() => watch.records.push(record))))
      })
    })
  )

/** Runs a definition to its end, whatever happens meanwhile. */
const runWith = (steps: ReadonlyArray<object>, ...disturbances: ReadonlyArray<Disturbance>) =>
  Effect.gen(function*() {
    const watch: Watch = {
      onWrite: yield* Ref.make<Effect.Effect<void, StorageError>>(Effect.void),
      records: [],
      id: undefined
    }
    return yield* Effect.gen(function*() {
      const host = yield* Host.make
      let writes = 0
      let crashed = false
      yield* Ref.set(
        watch.onWrite,
        Effect.suspend(() => {
          writes++
          const disturbance = disturbances.find(({ after }) => after === writes)
          if (disturbance === undefined) return Effect.void
          if (disturbance.by === "cancel") {
            return watch.id === undefined
              ? Effect.void
              : Effect.asVoid(Effect.forkDetach(Effect.ignore(host.cancel(watch.id))))
          }
          // What was written stands, and the run breaks off there; then the process goes too.
          crashed = true
          return Effect.fail(new StorageError({ operation: "journal.record", cause: new Error("A crash") }))
        })
      )
      const id = yield* host.start({ steps, settings: { timeout: "30d" } }, { n: 1 })
      for (let seconds = 0; seconds < 400; seconds++) {
        if (crashed) {
          crashed = false
          yield* host.restart
        }
        const execution = yield* host.get(id)
        if (isTerminal(execution.status)) return { execution, writes, records: watch.records }
        yield* TestClock.adjust("1 second")
        yield* TestClock.withLive(Effect.sleep(1))
      }
      return yield* Effect.die(new Error("The run did not end"))
    }).pipe(Effect.provide(Layer.provideMerge(watching(watch), surviving(upstreams()))), Effect.scoped)
  })

type Ran = Effect.Success<ReturnType<typeof runWith>>

const outcome = ({ execution }: Ran) => ({
  status: execution.status,
  outputs: execution.outputs,
  error: execution.error,
  steps: Object.fromEntries(
    execution.steps.map((step) => [step.path ?? step.id, [step.status, step.attempts, step.output] satisfies Json])
  )
})

const isRecordedOnce = ({ records }: Ran) => {
  const paths = records.map(({ path }) => path)
  assert.strictEqual(new Set(paths).size, paths.length, paths.join(" "))
}

/** Each completed step that has an undo is undone, and nothing besides. */
const isUndone = ({ execution, records }: Ran, steps: ReadonlyArray<object>) => {
  const definition = Schema.decodeUnknownSync(Schema.Array(Step))(steps)
  const paths = records.filter(({ step }) => step.status === "completed").map(({ path }) => path)
  const expected = execution.status === "completed"
    ? []
    : paths.filter((path) => !isUndoPath(path) && stepAt(definition, path)?.undo !== undefined)
  assert.sameMembers(paths.filter(isUndoPath), expected.map((path) => path + undoSuffix))
}

const failing = { id: "boom", type: "fail", order: 1_000, config: { message: "no more" } }

/** About so many of the writes of a run, spread over it. */
const some = (writes: number, count: number): ReadonlyArray<number> => {
  const every = Math.ceil(writes / count)
  return Array.from({ length: Math.floor((writes - 1) / every) + 1 }, (_, index) => index * every + 1)
}

describe("a crash after any write of the journal", () => {
  for (const fails of [false, true]) {
    it.effect.prop(
      `changes nothing of what a run ends with, and no step is recorded twice, when it ${
        fails ? "fails" : "completes"
      }`,
      { shapes: Arbitrary.schema(shapes(2)) },
      ({ shapes }) =>
        Effect.gen(function*() {
          const steps = [...shapes.map(stepOf), ...(fails ? [failing] : [])]
          const whole = yield* runWith(steps)
          assert.strictEqual(
            whole.execution.status,
            fails ? "failed" : "completed",
            JSON.stringify(whole.execution.error)
          )
          isUndone(whole, steps)
          for (const after of some(whole.writes, 10)) {
            const crashed = yield* runWith(steps, { after, by: "crash" })
            assert.deepStrictEqual(outcome(crashed), outcome(whole), `a crash after write ${after}`)
            isRecordedOnce(crashed)
          }
        }),
      { arbitrary: { runs: 12 }, timeout: 240_000 }
    )
  }
})

describe("a cancel after any write of the journal", () => {
  it.effect.prop(
    "ends the run, also after another crash: what completed is undone, once",
    {
      shapes: Arbitrary.schema(shapes(2)),
      gap: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })))
    },
    ({ gap, shapes }) =>
      Effect.gen(function*() {
        const steps = shapes.map(stepOf)
        const whole = yield* runWith(steps)
        for (const after of some(whole.writes, 6)) {
          for (const crash of [[], [{ after: after + gap, by: "crash" as const }]]) {
            const cancelled = yield* runWith(steps, { after, by: "cancel" }, ...crash)
            assert.include(["cancelled", "completed"], cancelled.execution.status)
            isRecordedOnce(cancelled)
            isUndone(cancelled, steps)
          }
        }
      }),
    { arbitrary: { runs: 12 }, timeout: 240_000 }
  )
})
