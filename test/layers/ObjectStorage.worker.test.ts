import { assert, describe, it } from "@effect/vitest"
import { runInDurableObject } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { Effect, Layer, Option } from "effect"
import { ExecutionId } from "../../src/domain/Ids.ts"
import * as AlarmLayer from "../../src/layers/cloudflare/Alarm.ts"
import { ObjectStorage } from "../../src/layers/cloudflare/Bindings.ts"
import * as JournalLayer from "../../src/layers/cloudflare/Journal.ts"
import { Alarm } from "../../src/services/Alarm.ts"
import { Journal } from "../../src/services/Journal.ts"
import { makeRecord, makeSnapshot, makeWait } from "../contract/JournalData.ts"

const id = ExecutionId.make("e")
const later = Date.UTC(2100, 0, 1)

interface Watched {
  readonly storage: DurableObjectStorage
  /** The asynchronous writes, by the names of the methods. */
  readonly writes: Array<string>
  /** Rows written by SQL. */
  rowsWritten: number
}

const watch = (original: DurableObjectStorage): Watched => {
  const watched: Watched = { storage: original, writes: [], rowsWritten: 0 }
  const sql = new Proxy(original.sql, {
    get: (target, name) =>
      name === "exec"
        ? (query: string, ...bindings: Array<unknown>) => {
          const cursor = target.exec(query, ...bindings)
          watched.rowsWritten += cursor.rowsWritten
          return cursor
        }
        : Reflect.get(target, name, target)
  })
  const storage = new Proxy(original, {
    get: (target, name) => {
      if (name === "sql") return sql
      const member: unknown = Reflect.get(target, name, target)
      return typeof member !== "function" ? member : (...args: Array<unknown>) => {
        if (name === "setAlarm" || name === "deleteAlarm" || name === "deleteAll") watched.writes.push(name)
        return Reflect.apply(member, target, args)
      }
    }
  })
  return Object.assign(watched, { storage })
}

const scenario = (title: string, test: (watched: Watched) => Effect.Effect<void, unknown, Alarm | Journal>) =>
  it.effect(
    title,
    () =>
      Effect.promise(() =>
        runInDurableObject(env.EXECUTIONS.get(env.EXECUTIONS.newUniqueId()), async (_, { storage }) => {
          const watched = watch(storage)
          const layer = Layer.provide(
            Layer.merge(JournalLayer.layer, AlarmLayer.layer),
            Layer.succeed(ObjectStorage, watched.storage)
          )
          await Effect.runPromise(Effect.provide(test(watched), layer))
        })
      )
  )

describe("What an execution object writes", () => {
  scenario("one row for a step's record", (watched) =>
    Effect.gen(function*() {
      const journal = yield* Journal
      yield* journal.create(makeSnapshot("e"))
      const before = watched.rowsWritten
      yield* journal.record(id, makeRecord("1"))
      assert.strictEqual(watched.rowsWritten - before, 1)
      yield* journal.record(id, makeRecord("2", "x".repeat(500_000)))
      assert.strictEqual(watched.rowsWritten - before, 2)
    }))

  scenario("no alarm that rings early enough already", (watched) =>
    Effect.gen(function*() {
      const alarm = yield* Alarm
      for (const delay of [500, 500, 900, 200, 300]) yield* alarm.setNoLaterThan(later + delay)
      assert.deepStrictEqual(watched.writes, ["setAlarm", "setAlarm"])
    }))

  scenario("nothing to clear an alarm that is not set", (watched) =>
    Effect.gen(function*() {
      const alarm = yield* Alarm
      yield* alarm.clear
      assert.deepStrictEqual(watched.writes, [])
    }))

  scenario("nothing to look for an execution that is not there", (watched) =>
    Effect.gen(function*() {
      const journal = yield* Journal
      yield* journal.load(id)
      assert.deepStrictEqual(yield* journal.due(later), [])
      assert.deepStrictEqual(yield* journal.nextDue, Option.none())
      assert.isTrue(yield* journal.isEmpty)
      yield* journal.wait(id, makeWait("1", later))
      yield* journal.park(id, later, [])
      assert.deepStrictEqual(yield* journal.signal(id, "go", 1), Option.none())
      yield* journal.remove(id)
      assert.strictEqual(watched.rowsWritten, 0)
      assert.strictEqual(watched.storage.sql.exec("SELECT count(*) AS n FROM sqlite_master").one()["n"], 0)
    }))

  scenario("leaves nothing behind after its last execution, and begins again", (watched) =>
    Effect.gen(function*() {
      const journal = yield* Journal
      const alarm = yield* Alarm
      yield* alarm.setNoLaterThan(later)
      yield* journal.create(makeSnapshot("e"))
      yield* journal.create(makeSnapshot("other"))
      yield* journal.remove(id)
      yield* alarm.clear
      assert.deepStrictEqual(watched.writes, ["setAlarm", "deleteAlarm"])
      assert.deepStrictEqual((yield* journal.due(later)).map(String), ["other"])
      assert.isFalse(yield* journal.isEmpty)
      yield* journal.remove(ExecutionId.make("other"))
      yield* alarm.clear
      assert.deepStrictEqual(watched.writes, ["setAlarm", "deleteAlarm", "deleteAll"])
      assert.strictEqual(watched.storage.sql.exec("SELECT count(*) AS n FROM sqlite_master").one()["n"], 0)
      assert.isTrue(yield* journal.isEmpty)
      assert.isTrue(yield* journal.create(makeSnapshot("e")))
      yield* alarm.setNoLaterThan(later)
      assert.strictEqual(yield* Effect.promise(() => watched.storage.getAlarm()), later)
      yield* alarm.clear
    }))

  scenario("an alarm that could not be set is set by the next call", (watched) =>
    Effect.gen(function*() {
      const failing = new Proxy(watched.storage, {
        get: (target, name) =>
          name === "setAlarm" ? () => Promise.reject(new Error("The disk is full")) : Reflect.get(target, name, target)
      })
      let current = failing
      const switching = new Proxy(watched.storage, { get: (_, name) => Reflect.get(current, name, current) })
      yield* Effect.gen(function*() {
        const alarm = yield* Alarm
        const error = yield* Effect.flip(alarm.setNoLaterThan(later))
        assert.strictEqual(error.operation, "alarm.setNoLaterThan")
        current = watched.storage
        yield* alarm.setNoLaterThan(later + 1)
        assert.strictEqual(yield* Effect.promise(() => watched.storage.getAlarm()), later + 1)
        yield* alarm.clear
      }).pipe(Effect.provide(Layer.fresh(Layer.provide(AlarmLayer.layer, Layer.succeed(ObjectStorage, switching)))))
    }))
})
