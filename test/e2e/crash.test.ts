import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { executionOf, executionsOf, logsOf, workflowOf } from "./harness/Answers.ts"
import type { Client } from "./harness/Client.ts"
import { clientOf } from "./harness/Client.ts"
import { callStep, definition } from "./harness/Definitions.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"
import type { Call } from "./harness/Upstream.ts"
import { never, Upstream } from "./harness/Upstream.ts"

const count = 50
const startsAtOnce = 10
const recoverySeconds = 60

const keyOf = ({ headers }: Call): string => String(headers["idempotency-key"])

const placements = [
  { placement: "an object each", vars: {} },
  { placement: "eight shared objects", vars: { EXECUTION_OBJECTS: "8" } }
]

describe.each(placements)(`${count} executions when the service is killed, with $placement`, ({ vars }) => {
  let service: Service
  let upstream: Upstream
  let api: Client
  let workflowId: string
  let ids: ReadonlyArray<string>

  /** The key that a step shows its upstream, of every execution. */
  const keysOf = (step: string) => ids.map((id) => `${id}:${step}`).sort()
  const shownAt = (path: string) => upstream.callsOf(path).map(keyOf).sort()
  const listed = async (status: string) =>
    executionsOf(await api("GET", `/api/executions?workflowId=${workflowId}&status=${status}&limit=100`)).items

  beforeAll(async () => {
    upstream = await Upstream.start((call) => call.path === "/third" ? never : { json: call.path })
    service = await Service.start(vars)
    api = clientOf(service, operatorKey)
    const steps = ["first", "second", "third"].map((id, index) => callStep(id, index + 1, `${upstream.url}/${id}`))
    const body = definition("tenant-a", "Crash", steps)
    workflowId = workflowOf(await api("POST", "/api/workflows", { body }), 201).id
  })
  afterAll(async () => {
    await service?.dispose()
    await upstream?.dispose()
  })

  test("are all in their third step when it happens", async () => {
    const started: Array<string> = []
    const start = async () => {
      while (started.length < count) {
        const index = started.push("") - 1
        started[index] = executionOf(await api("POST", "/api/executions", { body: { workflowId } }), 201).id
      }
    }
    await Promise.all(Array.from({ length: startsAtOnce }, start))
    ids = started
    await until("every third step is in flight", 60, () => upstream.callsOf("/third").length === count)

    const killed = await service.kill()
    expect(killed.map(({ command }) => command).join()).toContain("workerd")
    for (const step of ["first", "second", "third"]) expect(shownAt(`/${step}`)).toEqual(keysOf(step))
  })

  test("all go on after the restart, with no call from outside", async () => {
    upstream.reply = ({ path }) => ({ json: path })
    const restartedAt = performance.now()
    await service.start()
    const startSeconds = (performance.now() - restartedAt) / 1000
    await until(
      "every third step was called again",
      recoverySeconds - startSeconds,
      () => upstream.callsOf("/third").length >= 2 * count
    )
    const calledAgainSeconds = (performance.now() - restartedAt) / 1000
    // A list reads the database alone: it wakes no execution.
    await until(
      "every execution is completed",
      recoverySeconds - calledAgainSeconds,
      async () => (await listed("completed")).length === count
    )
    console.info(
      `${count} of ${count} completed ${
        ((performance.now() - restartedAt) / 1000).toFixed(1)
      } s after the restart began ` +
        `(the start took ${startSeconds.toFixed(1)} s)`
    )
    expect((await listed("completed")).map(({ id }) => id).sort()).toEqual([...ids].sort())
  })

  test("repeat no step that was recorded, and the other with the same key", () => {
    expect(shownAt("/first")).toEqual(keysOf("first"))
    expect(shownAt("/second")).toEqual(keysOf("second"))
    expect(shownAt("/third")).toEqual([...keysOf("third"), ...keysOf("third")].sort())
  })

  test("show what happened", async () => {
    for (const id of ids) {
      const execution = executionOf(await api("GET", `/api/executions/${id}`))
      expect(execution).toMatchObject({ status: "completed", outputs: { third: "/third" } })
      expect(execution.steps.map(({ output, status }) => [status, output])).toEqual([
        ["completed", "/first"],
        ["completed", "/second"],
        ["completed", "/third"]
      ])
      const { items } = logsOf(await api("GET", `/api/executions/${id}/logs`))
      const startsOf = (step: string) =>
        items.filter(({ message, stepId }) => stepId === step && message === "Step started")
      expect(items.filter(({ message }) => message === "Execution taken up again")).toHaveLength(1)
      expect(["first", "second"].map((step) => startsOf(step).length)).toEqual([1, 1])
    }
  })
})
