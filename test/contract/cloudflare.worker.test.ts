import { evictDurableObject, runInDurableObject } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { Context, Effect, Exit, Layer, Scheduler } from "effect"
import { TestClock } from "effect/testing"
import * as Alarm from "../../src/layers/cloudflare/Alarm.ts"
import { Background } from "../../src/layers/cloudflare/Background.ts"
import * as Bindings from "../../src/layers/cloudflare/Bindings.ts"
import * as ExecutionArchive from "../../src/layers/cloudflare/ExecutionArchive.ts"
import * as ExecutionRepository from "../../src/layers/cloudflare/ExecutionRepository.ts"
import * as JournalLayer from "../../src/layers/cloudflare/Journal.ts"
import * as KeyRepository from "../../src/layers/cloudflare/KeyRepository.ts"
import * as LeasesLayer from "../../src/layers/cloudflare/Leases.ts"
import * as ProposalRepository from "../../src/layers/cloudflare/ProposalRepository.ts"
import * as RateLimiterStoreKv from "../../src/layers/cloudflare/RateLimiterStoreKv.ts"
import * as RateLimiterStoreObject from "../../src/layers/cloudflare/RateLimiterStoreObject.ts"
import * as ScheduleRepository from "../../src/layers/cloudflare/ScheduleRepository.ts"
import * as SecretRepository from "../../src/layers/cloudflare/SecretRepository.ts"
import * as Sql from "../../src/layers/cloudflare/Sql.ts"
import * as WebhookRepository from "../../src/layers/cloudflare/WebhookRepository.ts"
import * as WorkflowRepository from "../../src/layers/cloudflare/WorkflowRepository.ts"
import * as WorkflowToolRepository from "../../src/layers/cloudflare/WorkflowToolRepository.ts"
import { Alarm as AlarmService } from "../../src/services/Alarm.ts"
import { Journal } from "../../src/services/Journal.ts"
import { alarmContract, AlarmProbe } from "./AlarmContract.ts"
import { configOf } from "./Config.ts"
import { executionArchiveContract } from "./ExecutionArchiveContract.ts"
import { executionRepositoryContract } from "./ExecutionRepositoryContract.ts"
import { executionUpkeepContract } from "./ExecutionUpkeepContract.ts"
import { journalContract } from "./JournalContract.ts"
import { keyRepositoryContract } from "./KeyRepositoryContract.ts"
import { leasesContract } from "./LeasesContract.ts"
import { proposalRepositoryContract } from "./ProposalRepositoryContract.ts"
import { rateLimiterStoreContract } from "./RateLimiterStoreContract.ts"
import { scheduleRepositoryContract } from "./ScheduleRepositoryContract.ts"
import { secretRepositoryContract } from "./SecretRepositoryContract.ts"
import { webhookRepositoryContract } from "./WebhookRepositoryContract.ts"
import { workflowRepositoryContract } from "./WorkflowRepositoryContract.ts"
import { workflowToolRepositoryContract } from "./WorkflowToolRepositoryContract.ts"
import { workflowVersionsContract } from "./WorkflowVersionsContract.ts"

const bindings = Bindings.layer(env)

const emptied = Layer.effectDiscard(Effect.promise(() =>
  env.DB.batch(
    [
      "fires",
      "schedules",
      "executions",
      "webhook_deliveries",
      "webhook_tokens",
      "workflow_versions",
      "workflows",
      "secrets",
      "api_keys",
      "proposals"
    ]
      .map((table) => env.DB.prepare(`DELETE FROM ${table}`))
  )
))

const d1 = Layer.mergeAll(
  WorkflowRepository.layer,
  WorkflowToolRepository.layer,
  ExecutionRepository.layer,
  ScheduleRepository.layer,
  SecretRepository.layer,
  KeyRepository.layer,
  ProposalRepository.layer,
  WebhookRepository.layer
).pipe(
  Layer.provide([Sql.layer, emptied]),
  Layer.provide(bindings)
)

/** Runs an effect inside a Durable Object, over the object's own storage. */
const insideOf =
  (object: ReturnType<typeof env.EXECUTIONS.get>) =>
  <A, E>(effect: (storage: DurableObjectStorage) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.promise(() =>
      runInDurableObject(
        object,
        // A fiber that yields must go on in this object's task, not in that of whoever yielded at the same time.
        (_, { storage }) => Effect.runPromiseExit(effect(storage), { scheduler: new Scheduler.MixedScheduler("sync") })
      )
    ).pipe(
      Effect.flatMap((exit): Exit.Exit<A, E> => exit)
    )

/** Each call finds a journal that was just built: nothing is known but what is stored. */
const journal = Layer.sync(Journal, () => {
  const inside = insideOf(env.EXECUTIONS.get(env.EXECUTIONS.newUniqueId()))
  const ask = <A, E>(call: (journal: Journal["Service"]) => Effect.Effect<A, E>) =>
    inside((storage) =>
      Journal.use(call).pipe(
        Effect.provide(Layer.provide(JournalLayer.layer, Layer.succeed(Bindings.ObjectStorage, storage)))
      )
    )
  return {
    create: (snapshot, records) => ask((journal) => journal.create(snapshot, records)),
    load: (id) => ask((journal) => journal.load(id)),
    due: (millis) => ask((journal) => journal.due(millis)),
    nextDue: ask((journal) => journal.nextDue),
    isEmpty: ask((journal) => journal.isEmpty),
    wait: (id, wait) => ask((journal) => journal.wait(id, wait)),
    slot: (id, slot) => ask((journal) => journal.slot(id, slot)),
    signal: (id, name, payload) => ask((journal) => journal.signal(id, name, payload)),
    park: (id, until, logs) => ask((journal) => journal.park(id, until, logs)),
    record: (id, record) => ask((journal) => journal.record(id, record)),
    requestCancel: (id) => ask((journal) => journal.requestCancel(id)),
    unwind: (id, outcome) => ask((journal) => journal.unwind(id, outcome)),
    countResume: (id) => ask((journal) => journal.countResume(id)),
    end: (id, end, logs) => ask((journal) => journal.end(id, end, logs)),
    remove: (id) => ask((journal) => journal.remove(id))
  }
})

/** The alarm of one object, which goes off where a test says so: the contract's times are long past. */
const alarm = Layer.effectContext(Effect.gen(function*() {
  const enter = insideOf(env.EXECUTIONS.get(env.EXECUTIONS.newUniqueId()))
  // The platform may have put the object down since the last call: the storage is that of the object as it is now.
  let current: DurableObjectStorage | undefined
  const inside = <A, E>(effect: (storage: DurableObjectStorage) => Effect.Effect<A, E>) =>
    enter((storage) => {
      current = storage
      return effect(storage)
    })
  const shift = Date.UTC(2100, 0, 1)
  const built = yield* inside((storage) => {
    const latest = new Proxy(storage, {
      get: (_, name) => {
        const value: unknown = Reflect.get(current ?? storage, name)
        return typeof value === "function" ? value.bind(current) : value
      }
    })
    return Effect.scoped(Layer.build(Layer.provide(Alarm.layer, Layer.succeed(Bindings.ObjectStorage, latest))))
  })
  const own = Context.get(built, AlarmService)
  const clock = Context.get(built, Alarm.AlarmClock)
  const ringsBy = (millis: number) =>
    inside((storage) =>
      Effect.gen(function*() {
        const time = yield* Effect.promise(() => storage.getAlarm())
        if (time === null || time > shift + millis) return false
        yield* Effect.promise(() => storage.deleteAlarm())
        yield* clock.fired
        return true
      })
    )
  return Context.make(AlarmProbe, { ringsBy }).pipe(
    Context.add(AlarmService, {
      setNoLaterThan: (millis) => inside(() => own.setNoLaterThan(shift + millis)),
      clear: inside(() => own.clear)
    })
  )
}))

const live = (millis: number) => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))

workflowRepositoryContract("D1", d1)
workflowToolRepositoryContract("D1", d1)
workflowVersionsContract("D1", d1)
executionRepositoryContract("D1", d1)
executionUpkeepContract("D1", d1)
executionArchiveContract("KV", Layer.provide(ExecutionArchive.layer, [bindings, configOf()]))
journalContract("a Durable Object", journal)
scheduleRepositoryContract("D1", d1)
secretRepositoryContract("D1", d1)
keyRepositoryContract("D1", Layer.merge(d1, Layer.succeed(Background, { run: (work) => work })))
proposalRepositoryContract("D1", d1)
webhookRepositoryContract("D1", d1)
alarmContract("a Durable Object", alarm)
rateLimiterStoreContract("KV", Layer.provide(RateLimiterStoreKv.layer, bindings), TestClock.adjust)
rateLimiterStoreContract("Durable Objects", Layer.provide(RateLimiterStoreObject.layer, bindings), () => live(1_100))
// An object that was evicted has heard of nobody.
leasesContract(
  "Durable Objects",
  LeasesLayer.layer.pipe(Layer.provide(bindings), Layer.provideMerge(d1)),
  (scope) => Effect.promise(() => evictDurableObject(env.LEASES.getByName(scope)))
)
