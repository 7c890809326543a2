import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Faults } from "../../src/layers/memory/Faults.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../src/testing/ScriptedHttp.ts"
import { Host, isParked, pass, runToEnd, settle, surviving } from "./process.ts"

const call = (address: string) => ({ url: `https://up.example.com/${address}`, method: "POST" })

/** A step that does something, and what undoes it. */
const doing = (name: string, order: number, more: object = {}) => ({
  id: name,
  type: "http-request",
  order,
  config: call(`do/${name}`),
  undo: { type: "http-request", config: { ...call(`undo/${name}`), body: { was: "{{ input }}" } } },
  ...more
})

const failing = (order: number) => ({ id: "boom", type: "fail", order, config: { message: "no more" } })

const done: ScriptedRoute = {
  url: /\/do\//,
  respond: ({ url }) => ({ body: { did: url.slice(url.lastIndexOf("/") + 1) } })
}
const undone: ScriptedRoute = { url: /\/undo\//, respond: { body: "undone" } }

/** The addresses that were called, in order. */
const calls = Effect.flatMap(
  ScriptedHttp.SeenRequests,
  ({ all }) => Effect.map(all, (requests) => requests.map(({ url }) => new URL(url).pathname.slice(1)))
)

describe("a failed execution", () => {
  it.effect("undoes its completed steps, newest first, with their outputs, and stays failed", () =>
    Effect.gen(function*() {
      const execution = yield* runToEnd({ steps: [doing("a", 1), doing("b", 2), doing("c", 3), failing(4)] })
      assert.deepStrictEqual(yield* calls, ["do/a", "do/b", "do/c", "undo/c", "undo/b", "undo/a"])
      assert.strictEqual(execution.status, "failed")
      assert.deepInclude(execution.error, { code: "failed", message: "no more" })
      const undoing = execution.steps.filter(({ path }) => path?.endsWith(":undo"))
      assert.deepStrictEqual<unknown>(
        undoing.map(({ id, output, path, status, type }) => ({ id, output, path, status, type })),
        ["c", "b", "a"].map((id) => ({
          id,
          output: "undone",
          path: `${id}:undo`,
          status: "completed",
          type: "http-request"
        }))
      )
      const { all } = yield* ScriptedHttp.SeenRequests
      const last = (yield* all).at(-1)
      assert.deepStrictEqual(JSON.parse(last?.body ?? ""), { was: { did: "a" } })
      assert.strictEqual(last?.headers["idempotency-key"], `${execution.id}:a:undo`)
    }).pipe(Effect.provide(surviving([done, undone]))))

  it.effect("undoes nothing that did not complete, and nothing when it completes", () =>
    Effect.gen(function*() {
      yield* runToEnd({
        steps: [
          doing("skipped", 1, { when: "false" }),
          doing("let-go", 2, { config: call("never"), onError: "continue" }),
          doing("fatal", 3, { config: call("never") })
        ]
      })
      yield* runToEnd({ steps: [doing("fine", 1)] })
      assert.deepStrictEqual(yield* calls, ["never", "never", "do/fine"])
    }).pipe(Effect.provide(surviving([done, undone, { url: /never/, respond: { status: 500 } }]))))

  it.effect("goes on with the others when one can't be undone, and says so", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), doing("b", 2), failing(3)] })
      const execution = yield* host.end(id)
      assert.deepStrictEqual(yield* calls, ["do/a", "do/b", "undo/b", "undo/a"])
      assert.strictEqual(execution.error?.message, "no more")
      assert.strictEqual((yield* host.statuses(id))["b:undo"], "failed")
      assert.strictEqual((yield* host.statuses(id))["a:undo"], "completed")
      assert.include(yield* host.messages(id), "A step could not be undone")
    }).pipe(Effect.provide(surviving([done, { url: /undo\/b/, respond: { status: 500 } }, undone]))))

  it.effect("an undo has its own retries, timeout and condition", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const retry = { attempts: 3, delay: "10s", backoff: "fixed", jitter: false }
      const id = yield* host.start({
        steps: [
          doing("kept", 1, { undo: { type: "fail", when: "input.did = 'other'", config: { message: "never" } } }),
          doing("slow", 2, { undo: { type: "http-request", timeout: "2s", config: call("hangs") } }),
          doing("a", 3, { undo: { type: "http-request", retry, config: call("undo/flaky") } }),
          failing(4)
        ]
      })
      const execution = yield* host.end(id)
      assert.deepStrictEqual(yield* calls, [
        "do/kept",
        "do/slow",
        "do/a",
        "undo/flaky",
        "undo/flaky",
        "undo/flaky",
        "hangs"
      ])
      assert.deepStrictEqual(
        execution.steps.flatMap(({ attempts, error, path, status }) =>
          path === undefined ? [] : [{ attempts, code: error?.code, path, status }]
        ),
        [
          { attempts: 3, code: undefined, path: "a:undo", status: "completed" },
          { attempts: 1, code: "timeout", path: "slow:undo", status: "failed" },
          { attempts: 0, code: undefined, path: "kept:undo", status: "skipped" }
        ]
      )
    }).pipe(Effect.provide(surviving([
      done,
      { url: /flaky/, respond: [{ status: 500 }, { status: 503 }, { body: "ok" }] },
      { url: /hangs/, respond: { body: 1, delay: "1 hour" } }
    ]))))

  it.effect("undoes the rounds of a loop and the steps of a branch, with what they worked on", () =>
    Effect.gen(function*() {
      const loop = {
        id: "loop",
        type: "for-each",
        order: 1,
        config: {
          items: "inputs.names",
          steps: [
            doing("make", 1, {
              config: call("do/{{ item }}"),
              undo: {
                type: "http-request",
                config: call("undo/{{ index }}-{{ item }}-{{ input.did }}-{{ steps.make.status }}")
              }
            })
          ]
        }
      }
      const branch = {
        id: "decide",
        type: "condition",
        order: 2,
        config: {
          if: "true",
          then: [doing("inner", 1, {
            undo: {
              type: "for-each",
              config: {
                items: "[1, 2]",
                steps: [{ id: "each", type: "http-request", order: 1, config: call("undo/inner-{{ item }}") }]
              }
            }
          })]
        },
        undo: { type: "http-request", config: call("undo/decide-{{ input.did }}") }
      }
      const execution = yield* runToEnd({ steps: [loop, branch, failing(3)] }, { names: ["x", "y"] })
      assert.deepStrictEqual((yield* calls).slice(3), [
        "undo/decide-inner",
        "undo/inner-1",
        "undo/inner-2",
        "undo/1-y-y-completed",
        "undo/0-x-x-completed"
      ])
      const paths = execution.steps.flatMap(({ path, status }) =>
        path?.includes(":undo") === true ? [[path, status]] : []
      )
      assert.deepStrictEqual(paths, [
        ["decide:undo", "completed"],
        ["decide.then.inner:undo", "completed"],
        ["decide.then.inner:undo[0].each", "completed"],
        ["decide.then.inner:undo[1].each", "completed"],
        ["loop[1].make:undo", "completed"],
        ["loop[0].make:undo", "completed"]
      ])
    }).pipe(Effect.provide(surviving([done, undone]))))

  it.effect("undoes after its outputs could not be evaluated, and after it took too long", () =>
    Effect.gen(function*() {
      const failed = yield* runToEnd({ steps: [doing("a", 1)], outputs: { x: "$error('no')" } })
      assert.strictEqual(failed.error?.code, "expression")
      const late = yield* runToEnd({
        steps: [doing("b", 1), { id: "nap", type: "delay", order: 2, config: { duration: "2h" } }],
        settings: { timeout: "1h" }
      })
      assert.strictEqual(late.error?.code, "run-timeout")
      assert.deepStrictEqual(yield* calls, ["do/a", "undo/a", "do/b", "undo/b"])
    }).pipe(Effect.provide(surviving([done, undone]))))
})

describe("a cancelled execution", () => {
  const waiting = { id: "wait", type: "wait-for-event", order: 3, config: { signal: "go" } }

  it.effect("undoes its steps before the cancel is answered, and stays cancelled", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), doing("b", 2), waiting] })
      const execution = yield* host.cancel(id)
      assert.strictEqual(execution.status, "cancelled")
      assert.isNotNull(execution.completedAt)
      assert.deepStrictEqual(yield* calls, ["do/a", "do/b", "undo/b", "undo/a"])
      assert.deepStrictEqual(yield* host.statuses(id), {
        a: "completed",
        b: "completed",
        wait: "cancelled",
        "b:undo": "completed",
        "a:undo": "completed"
      })
    }).pipe(Effect.provide(surviving([done, undone]))))

  it.effect("a parked one too", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), waiting] })
      yield* pass("20 seconds")
      assert.isTrue(yield* isParked(id))
      assert.strictEqual((yield* host.cancel(id)).status, "cancelled")
      assert.deepStrictEqual(yield* calls, ["do/a", "undo/a"])
    }).pipe(Effect.provide(surviving([done, undone]))))

  it.effect("is not cut short by a second cancel", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), doing("b", 2), waiting] })
      const first = yield* Effect.forkChild(host.cancel(id))
      yield* pass("1 second")
      const second = yield* Effect.forkChild(host.cancel(id))
      yield* pass("6 seconds")
      assert.strictEqual(first.pollUnsafe()?._tag, "Success")
      assert.strictEqual(second.pollUnsafe()?._tag, "Success")
      assert.strictEqual((yield* host.get(id)).status, "running")
      const execution = yield* host.end(id)
      assert.strictEqual(execution.status, "cancelled")
      assert.deepStrictEqual(yield* calls, ["do/a", "do/b", "undo/b", "undo/a"])
    }).pipe(Effect.provide(surviving([done, { ...undone, respond: { body: "undone", delay: "20 seconds" } }]))))

  it.effect("a cancel that comes while a failed one undoes its steps leaves it failed", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), failing(2)] })
      yield* pass("1 second")
      const refused = yield* Effect.forkChild(Effect.flip(host.cancel(id)))
      yield* pass("6 seconds")
      const exit = refused.pollUnsafe()
      assert.strictEqual(exit?._tag, "Success")
      assert.strictEqual(exit?._tag === "Success" ? exit.value._tag : "", "ExecutionFinished")
      assert.strictEqual((yield* host.end(id)).status, "failed")
      assert.deepStrictEqual(yield* calls, ["do/a", "undo/a"])
    }).pipe(Effect.provide(surviving([done, { ...undone, respond: { body: "undone", delay: "20 seconds" } }]))))
})

describe("a crash", () => {
  const slowUndo = { ...undone, respond: { body: "undone", delay: "10 seconds" } } satisfies ScriptedRoute

  it.effect("goes on undoing where it was: what was undone is not undone again", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), doing("b", 2), failing(3)] })
      yield* pass("11 seconds")
      yield* host.restart
      yield* pass("11 seconds")
      const execution = yield* host.end(id)
      assert.strictEqual(execution.status, "failed")
      assert.strictEqual(execution.error?.message, "no more")
      assert.deepStrictEqual(yield* calls, ["do/a", "do/b", "undo/b", "undo/a", "undo/a"])
      const { all } = yield* ScriptedHttp.SeenRequests
      const keys = (yield* all).map(({ headers }) => headers["idempotency-key"])
      assert.strictEqual(keys[3], keys[4])
    }).pipe(Effect.provide(surviving([done, slowUndo]))))

  it.effect("after the cancel was asked for: no other step begins, and the steps are undone", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), doing("slow", 2), doing("after", 3)] })
      const faults = yield* Faults
      yield* faults.failNext("journal.unwind", 1)
      yield* Effect.forkChild(host.cancel(id))
      yield* settle
      yield* host.restart
      const execution = yield* host.end(id)
      assert.strictEqual(execution.status, "cancelled")
      assert.deepStrictEqual(yield* calls, ["do/a", "do/slow", "undo/a"])
    }).pipe(Effect.provide(surviving([
      { url: /do\/slow/, respond: { body: 1, delay: "1 minute" } },
      done,
      undone
    ]))))

  it.effect("again and again while it undoes: it ends, with what it had come to", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), failing(2)] })
      for (let crashes = 0; crashes < 21; crashes++) yield* host.restart
      const execution = yield* host.end(id)
      assert.deepStrictEqual([execution.status, execution.error?.message], ["failed", "no more"])
      assert.include(yield* host.messages(id), "Execution failed")
    }).pipe(Effect.provide(surviving([done, slowUndo]))))

  it.effect("a run that broke off too often undoes its steps", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [doing("a", 1), doing("slow", 2)] })
      for (let crashes = 0; crashes < 21; crashes++) yield* host.restart
      const execution = yield* host.end(id)
      assert.deepStrictEqual([execution.status, execution.error?.code], ["failed", "internal"])
      assert.strictEqual((yield* calls).at(-1), "undo/a")
    }).pipe(Effect.provide(surviving([
      { url: /do\/slow/, respond: { body: 1, delay: "1 minute" } },
      done,
      undone
    ]))))
})

describe("an undo that waits", () => {
  it.effect("parks the run, for longer than the run itself may take", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({
        steps: [
          doing("a", 1, {
            undo: { type: "wait-for-event", config: { signal: "approved", timeout: "10d" } }
          }),
          failing(2)
        ],
        settings: { timeout: "1h" }
      })
      yield* pass("20 seconds")
      assert.isTrue(yield* isParked(id))
      yield* host.crash
      yield* TestClock.adjust("5 days")
      yield* settle
      yield* host.signal(id, "approved", { by: "somebody" })
      const execution = yield* host.end(id)
      assert.strictEqual(execution.status, "failed")
      assert.deepStrictEqual(execution.steps.find(({ path }) => path === "a:undo")?.output, { by: "somebody" })
    }).pipe(Effect.provide(surviving([done, undone]))))
})
