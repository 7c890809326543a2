import { Clock, Effect, Exit, Layer, Option, Schema, Scope } from "effect"
import type { Context, Duration } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Json } from "effect/Schema"
import { TestClock } from "effect/testing"
import type { Execution, ExecutionDetail, Inputs } from "../../src/domain/Execution.ts"
import { isTerminal } from "../../src/domain/Execution.ts"
import type { ExecutionId, WorkflowId } from "../../src/domain/Ids.ts"
import { StepId } from "../../src/domain/Ids.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import { WorkflowCreate } from "../../src/domain/Workflow.ts"
import * as Expressions from "../../src/engine/expressions/Layer.ts"
import { LocalExecutor } from "../../src/engine/LocalExecutor.ts"
import * as Memory from "../../src/layers/Memory.ts"
import * as MemoryExecutor from "../../src/layers/memory/Executor.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Journal } from "../../src/services/Journal.ts"
import { Retries } from "../../src/services/Retries.ts"
import * as UseCases from "../../src/services/UseCases.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../src/testing/ScriptedHttp.ts"
import { config } from "../../src/testing/TestService.ts"

export const operator = unrestricted("operator", null)

/** What outlives a crash: the stores and the upstreams. */
export const surviving = (routes: ReadonlyArray<ScriptedRoute>) =>
  Layer.mergeAll(Memory.layer, ScriptedHttp.layer(routes)).pipe(Layer.provideMerge(config))

/** What a crash takes: the executor, and the services that call it. */
const process = UseCases.layer.pipe(
  Layer.provide(SecureRandom.layerWebCrypto),
  Layer.provide(Expressions.servicesLayer),
  Layer.provideMerge(MemoryExecutor.layer)
)

/** A process: what runs in it, and how to let it crash. */
export interface Process {
  readonly context: Context.Context<Layer.Success<typeof process>>
  readonly crash: Effect.Effect<void>
}

/** Starts the process; closing its scope lets it crash. */
export const boot = Effect.gen(function*() {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(Layer.fresh(process), scope)
  return { context, crash: Scope.close(scope, Exit.void) }
})

/** One turn of the event loop. */
const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/**
 * Lets what does not depend on the clock come to rest: digests, and what follows them, a few times over, since children have
 * children. Turns are counted, not time: a busy machine lets time pass without them.
 */
export const settle = TestClock.withLive(
  Effect.promise(() => crypto.subtle.digest("SHA-256", new Uint8Array(1))).pipe(
    Effect.andThen(Effect.sleep(1)),
    Effect.andThen(Effect.repeat(turn, { times: 20 })),
    Effect.repeat({ times: 4 })
  )
)

/** Lets virtual time pass. */
export const pass = (time: Duration.Input) =>
  settle.pipe(Effect.andThen(TestClock.adjust(time)), Effect.andThen(settle))

const decode = Schema.decodeUnknownSync(WorkflowCreate)

/** Runs one execution after the other in a process that a test may let crash. */
export class Host {
  private process: Process
  private constructor(process: Process) {
    this.process = process
  }

  static readonly make = Effect.map(boot, (process) => new Host(process))

  /** Runs an effect in the process. */
  inside<A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof process>>): Effect.Effect<A, E> {
    return Effect.suspend(() => Effect.provideContext(effect, this.process.context))
  }

  /** Saves a workflow; answers its id. */
  save(definition: object): Effect.Effect<WorkflowId> {
    return this.inside(
      Workflows.use(({ create }) => create(operator, decode({ tenantId: "t", name: "Test", ...definition })))
    ).pipe(Effect.orDie, Effect.map(({ id }) => id))
  }

  /** Saves a workflow and starts it. */
  start(definition: object, inputs: Inputs = {}): Effect.Effect<ExecutionId> {
    return Effect.flatMap(this.save(definition), (workflowId) => this.startSaved(workflowId, inputs))
  }

  startSaved(workflowId: WorkflowId, inputs: Inputs = {}): Effect.Effect<ExecutionId> {
    return this.inside(
      Executions.use(({ start }) => start(operator, { workflowId, inputs, requestId: null, waitMillis: 0 }))
    ).pipe(Effect.orDie, Effect.tap(() => settle), Effect.map(({ id }) => id))
  }

  /** The executions of a workflow, oldest first. */
  executionsOf(workflowId: WorkflowId): Effect.Effect<ReadonlyArray<Execution>> {
    return this.inside(Executions.use(({ list }) => list(operator, { tenantId: null, workflowId, limit: 100 }))).pipe(
      Effect.orDie,
      Effect.map(({ items }) => items.toReversed())
    )
  }

  get(id: ExecutionId): Effect.Effect<ExecutionDetail> {
    return this.inside(Executions.use((executions) => executions.get(operator, id))).pipe(Effect.orDie)
  }

  /** The statuses of the steps by their paths. */
  statuses(id: ExecutionId): Effect.Effect<Readonly<Record<string, string>>> {
    return Effect.map(
      this.get(id),
      ({ steps }) => Object.fromEntries(steps.map((step) => [step.path ?? step.id, step.status]))
    )
  }

  /** The log's messages. */
  messages(id: ExecutionId): Effect.Effect<ReadonlyArray<string>> {
    return this.inside(Executions.use((executions) => executions.logs(operator, id))).pipe(
      Effect.orDie,
      Effect.map((logs) => logs.map(({ message }) => message))
    )
  }

  cancel(id: ExecutionId) {
    return this.inside(Executions.use((executions) => executions.cancel(operator, id)))
  }

  /** Retries an execution; answers the new one as it begins. */
  retry(id: ExecutionId, fromStep?: string) {
    return Effect.tap(
      this.inside(Retries.use((retries) =>
        retries.retry(operator, id, {
          ...(fromStep === undefined ? {} : { fromStep: StepId.make(fromStep) }),
          requestId: null,
          waitMillis: 0
        })
      )),
      () => settle
    )
  }

  /** Sends a signal, and lets it have its effect. */
  signal(id: ExecutionId, name: string, payload: Json = null) {
    return Effect.tap(
      this.inside(Executions.use((executions) => executions.signal(operator, id, name, payload))),
      () => settle
    )
  }

  /** Crashes, and starts again; nothing is taken up before the alarm rings. */
  get crash() {
    return settle.pipe(
      Effect.andThen(this.process.crash),
      Effect.andThen(boot),
      Effect.map((process) => {
        this.process = process
      })
    )
  }

  /** Takes up what there is to do, as the alarm would. */
  get wake(): Effect.Effect<void> {
    return this.inside(LocalExecutor.use(({ wake }) => wake)).pipe(Effect.orDie, Effect.andThen(settle))
  }

  /** Crashes, starts again and takes up what there is to do. */
  get restart() {
    return Effect.andThen(this.crash, this.wake)
  }

  /** Lets time pass in growing strides until the execution has ended, at most 400 days. */
  end(id: ExecutionId): Effect.Effect<ExecutionDetail> {
    return Effect.gen({ self: this }, function*() {
      const deadline = (yield* Clock.currentTimeMillis) + 400 * 86_400_000
      for (let stride = 100;; stride = Math.min(stride * 2, 86_400_000)) {
        yield* settle
        const execution = yield* this.get(id)
        if (isTerminal(execution.status) || (yield* Clock.currentTimeMillis) > deadline) return execution
        yield* TestClock.adjust(stride)
      }
    })
  }
}

/** Runs a definition to its end without a crash. */
export const runToEnd = (definition: object, inputs?: Inputs) =>
  Effect.gen(function*() {
    const host = yield* Host.make
    return yield* host.end(yield* host.start(definition, inputs))
  })

/** The times at which the upstreams were called, in milliseconds since the first. */
export const callTimes = Effect.flatMap(
  ScriptedHttp.SeenRequests,
  ({ all }) =>
    Effect.map(all, (requests) => {
      const times = requests.map(({ at }) => Date.parse(at))
      return times.map((time) => time - (times[0] ?? 0))
    })
)

/** How often each address was called. */
export const countRequests = Effect.flatMap(
  ScriptedHttp.SeenRequests,
  ({ all }) =>
    Effect.map(all, (requests) =>
      Object.fromEntries(
        Map.groupBy(requests, ({ url }) => url.slice(url.lastIndexOf("/") + 1)).entries().map(([url, made]) => [
          url,
          made.length
        ])
      ))
)

/** What the journal holds of an execution. */
export const journalEntry = (id: ExecutionId) =>
  Effect.map(Journal.use((journal) => journal.load(id)), Option.getOrThrow)

/** Whether an execution is parked: nothing of it runs. */
export const isParked = (id: ExecutionId) => Effect.map(journalEntry(id), ({ parked }) => parked)
