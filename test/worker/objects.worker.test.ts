import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { Effect, Layer, Schema } from "effect"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { ExecutionId } from "../../src/domain/Ids.ts"
import { fromMillis } from "../../src/domain/Timestamp.ts"
import { Definition } from "../../src/domain/Workflow.ts"
import * as CloudflareLayers from "../../src/layers/Cloudflare.ts"
import { LogsJson, SnapshotJson, StateJson } from "../../src/layers/cloudflare/ExecutionRpc.ts"
import * as ExecutorLayer from "../../src/layers/cloudflare/Executor.ts"
import { Executor } from "../../src/services/Executor.ts"
import { makeSnapshot } from "../contract/JournalData.ts"
import { call, objectAt, placementOf, serve } from "./Service.ts"
import { askedOfUpstream, items, never, upstreamAnswers, upstreamGoesOn } from "./Upstream.ts"
import { createWorkflow, execute, getExecution, requestsOf, threeSteps } from "./Workflows.ts"

const definitionOf = (steps: ReadonlyArray<unknown>) =>
  Schema.decodeUnknownSync(Definition)({ name: "w", description: null, steps, triggers: [] })

const snapshotOf = (id: string, steps: ReadonlyArray<unknown> = threeSteps): string =>
  Schema.encodeSync(SnapshotJson)(
    makeSnapshot(id, { definition: definitionOf(steps), createdAt: fromMillis(Date.now()) })
  )

const decodeState = Schema.decodeUnknownSync(StateJson)

/** What an object stores: its tables and when its alarm rings. */
const storedBy = (object: ReturnType<typeof objectAt>) =>
  runInDurableObject(object, async (_, { storage }) => ({
    tables:
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'").toArray().length,
    alarm: await storage.getAlarm()
  }))

const nothing = { tables: 0, alarm: null }

/** Whether an alarm that was set between `before` and now rings ten seconds after it was set. */
const ringsInTime = (alarm: number | null, before: number) =>
  alarm !== null && alarm >= before + 10_000 && alarm <= Date.now() + 10_000

let before = 0
beforeEach(() => {
  before = Date.now()
})

const objects = [
  { title: "of its own", make: () => env.EXECUTIONS.get(env.EXECUTIONS.newUniqueId()) },
  { title: "that is shared", make: () => env.EXECUTIONS.getByName(`shared-${crypto.randomUUID()}`) }
]

vi.setConfig({ testTimeout: 30_000 })

beforeEach(() => upstreamAnswers())

describe.each(objects)("an object $title", ({ make }) => {
  it("runs an execution, and has nothing left after its alarm", async () => {
    const object = make()
    const state = decodeState(await object.start(snapshotOf("run"), 10_000, false))
    expect(state.status).toBe("completed")
    expect(state.outputs).toEqual({ names: [{ name: "one" }] })
    expect(await object.state("run")).toBeNull()
    expect(await object.logs("run")).toBeNull()

    const left = await storedBy(object)
    expect([left.tables, ringsInTime(left.alarm, before)]).toEqual([3, true])
    expect(await runDurableObjectAlarm(object)).toBe(true)
    expect(await storedBy(object)).toEqual(nothing)
    expect(await runDurableObjectAlarm(object)).toBe(false)
  })

  it("tells the state and the log of a run, and cancels it", async () => {
    upstreamAnswers(never)
    const object = make()
    const started = decodeState(await object.start(snapshotOf("slow"), 0, false))
    expect(started.status).toBe("running")
    await vi.waitFor(() => expect(askedOfUpstream().length).toBe(1))
    expect(ringsInTime((await storedBy(object)).alarm, before)).toBe(true)
    expect(decodeState(await object.state("slow")).steps.map(({ status }) => status)).toEqual([
      "running",
      "pending",
      "pending"
    ])
    const logs = Schema.decodeUnknownSync(LogsJson)(await object.logs("slow"))
    expect(logs.map(({ message }) => message)).toEqual(["Execution started", "Step started"])

    const cancelled = decodeState(await object.cancel("slow"))
    expect(cancelled.status).toBe("cancelled")
    expect(cancelled.steps.map(({ status }) => status)).toEqual(["cancelled", "cancelled", "cancelled"])
    expect(await object.state("slow")).toBeNull()
    await runDurableObjectAlarm(object)
    expect(await storedBy(object)).toEqual(nothing)
  })

  it("runs a snapshot once, however often it is started", async () => {
    const object = make()
    const starts = await Promise.all([1, 2, 3].map(() => object.start(snapshotOf("once"), 10_000, false)))
    expect(starts.map((answer) => decodeState(answer).status)).toEqual(["completed", "completed", "completed"])
    expect(askedOfUpstream()).toEqual([{ url: "/call", key: "once:call" }])
  })

  it("does not know an execution that was not started there, and stores nothing for it", async () => {
    const object = make()
    expect(await object.state("unknown")).toBeNull()
    expect(await object.logs("unknown")).toBeNull()
    expect(await object.cancel("unknown")).toBeNull()
    expect(await storedBy(object)).toEqual(nothing)
  })

  it("does not run what was cancelled before it came", async () => {
    const object = make()
    expect(await object.cancel("late")).toBeNull()
    expect(await object.start(snapshotOf("late"), 0, false)).toBeNull()
    expect(askedOfUpstream()).toEqual([])
  })

  it("goes on after a crash from its journal, by its alarm alone", async () => {
    upstreamAnswers((url) => url.pathname === "/b" ? new Promise(() => {}) : Response.json(items))
    const { id } = await startBroken(make())
    await abortAllDurableObjects()

    upstreamGoesOn()
    const object = env.EXECUTIONS.get(id)
    expect(await runDurableObjectAlarm(object)).toBe(true)
    await vi.waitFor(async () => expect(await object.state("broken")).toBeNull())
    expect(askedOfUpstream()).toEqual([
      { url: "/a", key: "broken:a" },
      { url: "/b", key: "broken:b" },
      { url: "/b", key: "broken:b" },
      { url: "/c", key: "broken:c" }
    ])
    await runDurableObjectAlarm(object)
    expect(await storedBy(object)).toEqual(nothing)
  })

  it("carries out after a crash what was cancelled before it", async () => {
    upstreamAnswers(never)
    const { id } = await startBroken(make(), 1)
    await runInDurableObject(env.EXECUTIONS.get(id), (_, { storage }) => {
      storage.sql.exec("UPDATE journal_executions SET cancel_requested = 1")
    })
    await abortAllDurableObjects()
    const object = env.EXECUTIONS.get(id)
    await runDurableObjectAlarm(object)
    await vi.waitFor(async () => expect(await object.state("broken")).toBeNull())
    expect(askedOfUpstream().every(({ url }) => url === "/a")).toBe(true)
  })

  it("clears after an eviction what it left before it", async () => {
    const object = make()
    await object.start(snapshotOf("done"), 10_000, false)
    await evictDurableObject(object)
    expect(await runDurableObjectAlarm(object)).toBe(true)
    expect(await storedBy(object)).toEqual(nothing)
  })
})

describe.each(objects)("a wait in an object $title", ({ make }) => {
  const waiting = [
    { id: "wait", type: "wait-for-event", order: 1, config: { signal: "go", timeout: "20h" } },
    { id: "nap", type: "delay", order: 2, config: { duration: "1500ms" } }
  ]

  it("is parked: its alarm rings at its time, and it survives an eviction", async () => {
    const object = make()
    await object.start(snapshotOf("wait", waiting), 0, false)
    await vi.waitFor(
      async () => expect(decodeState(await object.state("wait")).status).toBe("waiting"),
      { timeout: 15_000, interval: 200 }
    )
    // The alarm that the start has set finds nothing to do.
    expect(await runDurableObjectAlarm(object)).toBe(true)
    const { alarm } = await storedBy(object)
    expect(Math.abs((alarm ?? 0) - Date.now() - 72_000_000)).toBeLessThan(60_000)
    await evictDurableObject(object)
    expect(decodeState(await object.state("wait")).steps.map(({ status }) => status)).toEqual(["waiting", "pending"])

    expect(decodeState(await object.signal("wait", "go", JSON.stringify({ n: 1 }))).status).toBe("running")
    await vi.waitFor(
      async () => expect(decodeState(await object.state("wait")).steps[1]?.status).toBe("waiting"),
      { timeout: 5_000 }
    )
    await evictDurableObject(object)
    await vi.waitFor(async () => expect(await object.state("wait")).toBeNull(), { timeout: 10_000, interval: 100 })
    const trace = await env.KV.get("execution:wait", "json")
    expect(trace).toMatchObject({
      steps: [{ status: "completed", output: { n: 1 } }, { status: "completed", attempts: 1 }]
    })
    await runDurableObjectAlarm(object)
    expect(await storedBy(object)).toEqual(nothing)
  })

  it("is told of no signal after its end, and nothing is stored for one that is not there", async () => {
    const object = make()
    expect(await object.signal("unknown", "go", "1")).toBeNull()
    expect(await storedBy(object)).toEqual(nothing)
    await object.start(snapshotOf("done"), 10_000, false)
    expect(await object.signal("done", "go", "1")).toBeNull()
    await runDurableObjectAlarm(object)
    expect(await storedBy(object)).toEqual(nothing)
  })
})

/** Starts three requests, and waits until so many of them were made. */
const startBroken = async (object: ReturnType<typeof objectAt>, requests = 2) => {
  await object.start(snapshotOf("broken", requestsOf("a", "b", "c")), 0, false)
  await vi.waitFor(() => expect(askedOfUpstream().length).toBe(requests))
  return object
}

describe("a shared object", () => {
  it("keeps its alarm and its journal while one of its executions runs", async () => {
    upstreamAnswers((url) => url.pathname === "/slow" ? new Promise(() => {}) : Response.json(items))
    const object = env.EXECUTIONS.getByName("shared-by-two")
    await object.start(snapshotOf("slow", requestsOf("slow")), 0, false)
    expect(decodeState(await object.start(snapshotOf("quick"), 10_000, false)).status).toBe("completed")
    await runDurableObjectAlarm(object)
    const left = await storedBy(object)
    expect([left.tables, ringsInTime(left.alarm, before)]).toEqual([3, true])
    expect(decodeState(await object.state("slow")).status).toBe("running")
    await object.cancel("slow")
    await runDurableObjectAlarm(object)
    expect(await storedBy(object)).toEqual(nothing)
  })
})

describe("placement", () => {
  const placedOn = (objects: string, ids: ReadonlyArray<string>) =>
    Effect.runPromise(
      Executor.use(({ place }) => Effect.forEach(ids, (id) => place(ExecutionId.make(id)))).pipe(
        Effect.provide(ExecutorLayer.layer.pipe(
          Layer.provide(CloudflareLayers.worker({ ...env, EXECUTION_OBJECTS: objects }))
        ))
      )
    )

  const ids = Array.from({ length: 1_000 }, () => crypto.randomUUID())

  it("gives each execution an object of its own by default", async () => {
    const placed = await placedOn("0", ids)
    expect(placed.every((placement) => /^id:[0-9a-f]{64}$/.test(placement))).toBe(true)
    expect(new Set(placed).size).toBe(1_000)
  })

  it("spreads executions evenly over shared objects, the same one for the same id", async () => {
    const placed = await placedOn("8", ids)
    expect(await placedOn("8", ids)).toEqual(placed)
    const counts = Map.groupBy(placed, (placement) => placement)
    expect([...counts.keys()].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((k) => `name:shared-${k}`))
    // 125 are expected of each; 5 standard deviations are 52.
    for (const [placement, { length }] of counts) {
      expect(Math.abs(length - 125), `${placement}: ${length}`).toBeLessThan(52)
    }
  })

  it("is where an execution is found, whatever EXECUTION_OBJECTS says by then", async () => {
    upstreamAnswers(never)
    const services = ["0", "8", "3"].map((EXECUTION_OBJECTS) => serve({ EXECUTION_OBJECTS }))
    const [first = serve()] = services
    const { id: workflowId } = await createWorkflow(first, threeSteps)
    for (const starting of services) {
      const { id } = await execute(starting, workflowId)
      const placement = await placementOf(id)
      expect(placement).toMatch(starting === first ? /^id:/ : /^name:shared-\d$/)
      await objectAt(placement).state(id)
      for (const reading of services) {
        expect((await getExecution(reading, id)).steps.map(({ status }) => status)).toEqual([
          "running",
          "pending",
          "pending"
        ])
      }
      const [other = first] = services.filter((service) => service !== starting)
      expect((await call(other, "POST", `/api/executions/${id}/cancel`)).status).toBe(200)
      for (const reading of services) expect((await getExecution(reading, id)).status).toBe("cancelled")
    }
  })
})
