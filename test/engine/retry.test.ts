import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Random } from "effect"
import { Limits } from "../../src/domain/Limits.ts"
import { retryDelay } from "../../src/domain/Retry.ts"
import type { ScriptedResponse, ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../src/testing/ScriptedHttp.ts"
import * as WorkflowTest from "../../src/testing/WorkflowTest.ts"
import { httpStep } from "./definitions.ts"
import { callTimes, countRequests, Host, isParked, journalEntry, pass, runToEnd, surviving } from "./process.ts"

const step = (retry: object, more: object = {}) => httpStep("call", 1, { retry: { jitter: false, ...retry }, ...more })

/** An upstream that answers so, one after the other, the last again and again. */
const upstream = (
  first: ScriptedResponse,
  ...rest: ReadonlyArray<ScriptedResponse>
): ReadonlyArray<ScriptedRoute> => [{ url: /.*/, respond: [first, ...rest] }]

const failing = upstream({ status: 503 })

/** Runs a step against an upstream: its record, and when the upstream was called. */
const attempts = (retry: object, routes: ReadonlyArray<ScriptedRoute> = failing, more: object = {}) =>
  Effect.gen(function*() {
    const run = yield* runToEnd({ steps: [step(retry, more)] })
    return { run, record: run.steps[0], times: yield* callTimes }
  }).pipe(Effect.provide(surviving(routes)), Effect.scoped)

describe("the delays", () => {
  const cases: ReadonlyArray<readonly [title: string, retry: object, times: ReadonlyArray<number>]> = [
    ["double by default, from 1 s on", { attempts: 5 }, [0, 1_000, 3_000, 7_000, 15_000]],
    ["double from the one that is set", { attempts: 4, delay: "250ms" }, [0, 250, 750, 1_750]],
    ["stay the same when they are fixed", { attempts: 4, delay: 700, backoff: "fixed" }, [0, 700, 1_400, 2_100]],
    ["grow no longer than the longest", { attempts: 5, delay: "1s", maxDelay: "3s" }, [0, 1_000, 3_000, 6_000, 9_000]],
    ["are 5 minutes at most by default", { attempts: 3, delay: "1h" }, [0, 300_000, 600_000]],
    ["are no longer than the longest when they are fixed", {
      attempts: 2,
      delay: "1h",
      maxDelay: "1s",
      backoff: "fixed"
    }, [
      0,
      1_000
    ]],
    ["may be days", { attempts: 3, delay: "2d", maxDelay: "3d" }, [0, 172_800_000, 432_000_000]],
    ["one attempt is none again", { attempts: 1 }, [0]]
  ]

  for (const [title, retry, times] of cases) {
    it.effect(title, () =>
      Effect.gen(function*() {
        const days = { settings: { timeout: "30d" } }
        const seen = yield* Effect.gen(function*() {
          const run = yield* runToEnd({ steps: [step(retry)], ...days })
          assert.deepStrictEqual([run.status, run.error?.code], ["failed", "http-5xx"])
          assert.strictEqual(run.steps[0]?.attempts, times.length)
          return yield* callTimes
        }).pipe(Effect.provide(surviving(failing)), Effect.scoped)
        assert.deepStrictEqual(seen, times)
      }))
  }

  it.effect("20 attempts, the most that may be set", () =>
    Effect.gen(function*() {
      const { record, times } = yield* attempts({ attempts: Limits.stepAttempts, delay: 1, backoff: "fixed" })
      assert.deepStrictEqual([record?.attempts, times.length], [20, 20])
      const refused = yield* Effect.flip(WorkflowTest.run({ steps: [step({ attempts: Limits.stepAttempts + 1 })] }))
      assert.match(refused.message, /^steps\[0\]\.retry\.attempts must be a value between 1 and 20/)
    }))

  it.effect("jitter takes up to half off, the same for the same seed", () =>
    Effect.gen(function*() {
      const timesOf = (seed: string) =>
        Effect.gen(function*() {
          const host = yield* Host.make
          const id = yield* Random.withSeed(
            host.start({ steps: [httpStep("call", 1, { retry: { attempts: 6, delay: "2s", backoff: "fixed" } })] }),
            seed
          )
          yield* host.end(id)
          return yield* callTimes
        }).pipe(Effect.provide(surviving(failing)), Effect.scoped)
      const one = yield* timesOf("one")
      assert.deepStrictEqual(yield* timesOf("one"), one)
      assert.notDeepEqual(yield* timesOf("two"), one)
      const gaps = one.slice(1).map((time, index) => time - (one[index] ?? 0))
      assert.strictEqual(new Set(gaps).size, 5)
      for (const gap of gaps) assert.isTrue(gap > 1_000 && gap <= 2_000, `${gap}`)
    }))

  it("jitter by the draw, and no overflow", () => {
    const retry = { backoff: "exponential", delayMillis: 1_000, maxDelayMillis: 3_600_000, jitter: true } as const
    assert.deepStrictEqual([0, 0.5, 1].map((random) => retryDelay(retry, 3, random, undefined)), [4_000, 3_000, 2_000])
    assert.strictEqual(retryDelay(retry, 5_000, 0, undefined), 3_600_000)
    assert.strictEqual(retryDelay(retry, 1, 0.9, 7_000), 7_000)
  })
})

describe("Retry-After", () => {
  const after = (value: string, status = 429) => upstream({ status, headers: { "retry-after": value } }, { body: 1 })

  const cases: ReadonlyArray<readonly [title: string, value: string, retry: object, wait: number]> = [
    ["seconds", "7", { delay: "1s" }, 7_000],
    ["seconds, shorter than the delay", "2", { delay: "1m" }, 2_000],
    ["seconds, no longer than the longest delay", "3600", { maxDelay: "30s" }, 30_000],
    ["none", "0", { delay: "1m" }, 0],
    ["a date", "Thu, 01 Jan 1970 00:00:42 GMT", { delay: "1s" }, 42_000],
    ["a date that is past", "Wed, 31 Dec 1969 23:00:00 GMT", { delay: "1m" }, 0],
    ["a date, no longer than the longest delay", "Fri, 02 Jan 1970 00:00:00 GMT", { maxDelay: "10s" }, 10_000],
    ["what is neither is as if it weren't there", "soon", { delay: "3s" }, 3_000]
  ]

  for (const [title, value, retry, wait] of cases) {
    for (const status of [429, 503]) {
      it.effect(`${title}, with ${status}`, () =>
        Effect.gen(function*() {
          const { record, times } = yield* attempts({ attempts: 2, ...retry }, after(value, status))
          assert.deepStrictEqual([record?.status, record?.attempts, times], ["completed", 2, [0, wait]])
        }))
    }
  }

  it.effect("is not jittered", () =>
    Effect.gen(function*() {
      const { times } = yield* attempts({ attempts: 2, jitter: true }, after("10"))
      assert.deepStrictEqual(times, [0, 10_000])
    }))
})

describe("the kinds", () => {
  const unreachable: ReadonlyArray<ScriptedRoute> = []
  const slow = upstream({ delay: "2 seconds" })
  const kinds: ReadonlyArray<readonly [kind: string, routes: ReadonlyArray<ScriptedRoute>, byDefault: boolean]> = [
    ["network", unreachable, true],
    ["timeout", slow, true],
    ["http-5xx", upstream({ status: 500 }), true],
    ["http-429", upstream({ status: 429 }), true],
    ["http-4xx", upstream({ status: 404 }), false]
  ]

  for (const [kind, routes, byDefault] of kinds) {
    const tried = (retry: object) =>
      Effect.map(attempts({ attempts: 3, delay: 10, ...retry }, routes, { timeout: "1s" }), ({ record }) => {
        assert.strictEqual(record?.error?.code, kind)
        return record?.attempts
      })
    it.effect(`${kind} is ${byDefault ? "" : "not "}tried again by default`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* tried({}), byDefault ? 3 : 1)
        assert.strictEqual(yield* tried({ on: ["any"] }), 3)
        assert.strictEqual(yield* tried({ on: [kind] }), 3)
        assert.strictEqual(yield* tried({ on: [kind === "network" ? "timeout" : "network"] }), 1)
      }))
  }

  it.effect("a 429 is no http-4xx", () =>
    Effect.gen(function*() {
      const { record } = yield* attempts({ attempts: 3, on: ["http-4xx"] }, upstream({ status: 429 }))
      assert.strictEqual(record?.attempts, 1)
    }))

  it.effect("any is also what no kind names", () =>
    Effect.gen(function*() {
      const run = yield* WorkflowTest.run({
        steps: [{
          id: "f",
          type: "fail",
          order: 1,
          retry: { attempts: 3, delay: 1, on: ["any"] },
          config: { message: "no", code: "mine" }
        }]
      })
      assert.deepStrictEqual([run.step("f")?.attempts, run.error?.code], [3, "mine"])
    }))
})

const test = (
  title: string,
  routes: ReadonlyArray<ScriptedRoute>,
  body: (host: Host) => Effect.Effect<void, unknown, Layer.Success<ReturnType<typeof surviving>>>
) => it.effect(title, () => Effect.flatMap(Host.make, body).pipe(Effect.provide(surviving(routes)), Effect.scoped))

describe("the record", () => {
  test(
    "tells the attempts, and the last one's outcome",
    upstream({ status: 500 }, { status: 502 }, { body: 3 }),
    (host) =>
      Effect.gen(function*() {
        const id = yield* host.start({ steps: [step({ attempts: 5, delay: "1s" })] })
        assert.deepStrictEqual(yield* host.statuses(id), { call: "waiting" })
        const run = yield* host.end(id)
        const [record] = run.steps
        assert.deepStrictEqual([record?.status, record?.attempts, record?.output, record?.error, record?.durationMs], [
          "completed",
          3,
          3,
          null,
          3_000
        ])
        assert.deepStrictEqual(yield* host.messages(id), [
          "Execution started",
          "Step started",
          "Step failed",
          "Step started",
          "Step failed",
          "Step started",
          "Step completed",
          "Execution completed"
        ])
        const { all } = yield* ScriptedHttp.SeenRequests
        assert.deepStrictEqual(
          new Set((yield* all).map(({ headers }) => headers["idempotency-key"])),
          new Set([`${id}:call`])
        )
      })
  )
})

describe("a crash", () => {
  test(
    "during the back-off: it goes on, with the attempt counted",
    upstream({ status: 500 }, { body: 1 }),
    (host) =>
      Effect.gen(function*() {
        const id = yield* host.start({ steps: [step({ attempts: 2, delay: "5s" })] })
        yield* pass("3 seconds")
        yield* host.restart
        assert.deepStrictEqual(yield* host.statuses(id), { call: "waiting" })
        yield* pass(1_999)
        assert.deepStrictEqual(yield* countRequests, { 1: 1 })
        yield* pass(1)
        const run = yield* host.get(id)
        assert.deepStrictEqual([run.status, run.steps[0]?.attempts], ["completed", 2])
        assert.deepStrictEqual(yield* callTimes, [0, 5_000])
      })
  )

  test("during a later attempt: it is made again, those before are counted", [
    { url: /.*/, respond: [{ status: 500 }, { delay: "20 seconds" }, { status: 500 }] }
  ], (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [step({ attempts: 2, delay: "5s" })] })
      yield* pass("10 seconds")
      yield* host.restart
      const run = yield* host.end(id)
      assert.deepStrictEqual([run.status, run.steps[0]?.attempts], ["failed", 2])
      assert.deepStrictEqual((yield* callTimes).length, 3)
    }))

  test("at every second of many back-offs: no attempt more, none less", failing, (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [step({ attempts: 4, delay: "2s" })] })
      for (let seconds = 0; seconds < 15; seconds++) {
        yield* pass("1 second")
        yield* host.restart
      }
      const run = yield* host.get(id)
      assert.deepStrictEqual([run.status, run.steps[0]?.attempts], ["failed", 4])
      assert.deepStrictEqual(yield* callTimes, [0, 2_000, 6_000, 14_000])
    }))

  test("a long back-off is parked", upstream({ status: 500 }, { body: 1 }), (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [step({ attempts: 2, delay: "1h", maxDelay: "1h" })] })
      yield* pass("10 seconds")
      assert.isTrue(yield* isParked(id))
      assert.strictEqual((yield* host.get(id)).status, "waiting")
      const [wait] = (yield* journalEntry(id)).waits
      assert.deepStrictEqual([wait?.kind, wait?.step.attempts, wait?.until], ["retry", 1, 3_600_000])
      yield* pass("1 hour")
      assert.strictEqual((yield* host.get(id)).status, "completed")
      assert.deepStrictEqual(yield* callTimes, [0, 3_600_000])
    }))

  test("cancel during the back-off", failing, (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [step({ attempts: 9, delay: "1h", maxDelay: "1h" })] })
      yield* pass("10 seconds")
      assert.strictEqual((yield* host.cancel(id)).status, "cancelled")
      assert.deepStrictEqual((yield* host.get(id)).steps.map(({ attempts, status }) => [attempts, status]), [
        [1, "cancelled"]
      ])
    }))
})

describe("a step that holds others", () => {
  const loop = (delay: string) => ({
    steps: [{
      id: "loop",
      type: "for-each",
      order: 1,
      retry: { attempts: 3, delay, maxDelay: "1h", jitter: false, backoff: "fixed" },
      config: {
        items: [1, 2, 3],
        steps: [{ id: "call", type: "http-request", order: 1, config: { url: "https://up.example.com/{{ item }}" } }]
      }
    }]
  })
  const secondFails: ReadonlyArray<ScriptedRoute> = [
    { url: "https://up.example.com/2", respond: [{ status: 500 }, { status: 500 }, { body: "2" }] },
    { url: /.*/, respond: ({ url }) => ({ body: url.slice(-1) }) }
  ]

  for (const delay of ["500ms", "10s", "1h"]) {
    test(
      `tried again after ${delay}, runs what failed and what is left`,
      secondFails,
      (host) =>
        Effect.gen(function*() {
          const id = yield* host.start(loop(delay))
          const run = yield* host.end(id)
          assert.deepStrictEqual([run.status, run.outputs, run.steps[0]?.attempts] as const, [
            "completed",
            { loop: ["1", "2", "3"] },
            3
          ])
          assert.deepStrictEqual(yield* countRequests, { 1: 1, 2: 3, 3: 1 })
        })
    )
  }

  test("survives crashes in each back-off and in between", secondFails, (host) =>
    Effect.gen(function*() {
      const id = yield* host.start(loop("10s"))
      for (let seconds = 0; seconds < 25; seconds += 5) {
        yield* host.restart
        yield* pass("5 seconds")
      }
      const run = yield* host.end(id)
      assert.deepStrictEqual([run.status, run.outputs, run.steps[0]?.attempts] as const, [
        "completed",
        { loop: ["1", "2", "3"] },
        3
      ])
      assert.deepStrictEqual(yield* countRequests, { 1: 1, 2: 3, 3: 1 })
    }))

  test("fails as its last attempt did", failing, (host) =>
    Effect.gen(function*() {
      const run = yield* host.end(yield* host.start(loop("10s")))
      assert.deepStrictEqual([run.status, run.error?.code, run.error?.stepId], ["failed", "http-5xx", "call"])
      assert.deepStrictEqual(yield* countRequests, { 1: 3 })
    }))

  test("a wait in it that ran out waits anew", [], (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({
        steps: [{
          id: "if",
          type: "condition",
          order: 1,
          retry: { attempts: 2, delay: "1h", maxDelay: "1h", jitter: false },
          config: {
            if: "true",
            then: [{ id: "wait", type: "wait-for-event", order: 1, config: { signal: "go", timeout: "1h" } }]
          }
        }]
      })
      yield* pass("150 minutes")
      assert.deepStrictEqual(yield* host.statuses(id), { "if": "waiting", "if.then.wait": "waiting" })
      yield* host.restart
      assert.isTrue(yield* isParked(id))
      yield* host.signal(id, "go", 1)
      const run = yield* host.end(id)
      assert.deepStrictEqual([run.status, run.outputs] as const, ["completed", { if: 1 }])
    }))
})
