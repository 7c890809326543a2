import { evictDurableObject, runInDurableObject } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { Workflow } from "../../src/domain/Workflow.ts"
import type { Service } from "./Service.ts"
import { call, objectAt, placementOf, read, ring, serve } from "./Service.ts"
import { askedOfUpstream, never, upstreamAnswers, upstreamUrl } from "./Upstream.ts"
import { callsOf, failWhere, forgetCalls, takeRowsWritten } from "./Watch.ts"
import { execute, getExecution, listExecutions } from "./Workflows.ts"

const placements = [
  { placement: "objects of their own", service: serve() },
  { placement: "8 shared objects", service: serve({ EXECUTION_OBJECTS: "8" }) },
  { placement: "one shared object", service: serve({ EXECUTION_OBJECTS: "1" }) }
]

vi.setConfig({ testTimeout: 60_000 })

beforeEach(() => {
  upstreamAnswers()
  failWhere()
})

const steps = [{ id: "call", type: "http-request", order: 1, config: { url: `${upstreamUrl}/{{ inputs.n }}` } }]

const createLimited = (service: Service, concurrency: object) =>
  read(
    Workflow,
    201,
    call(service, "POST", "/api/workflows", {
      body: { tenantId: "tenant-a", name: "Limited", steps, settings: { concurrency } }
    })
  )

const scopeOf = (workflowId: string) => `tenant-a/${workflowId}`

const leaseObject = (workflowId: string) => env.LEASES.getByName(scopeOf(workflowId))

/** What the lease object of a workflow stores. */
const leasesOf = (workflowId: string) =>
  runInDurableObject(leaseObject(workflowId), (_, { storage }) => [...storage.kv.list()].map(([key]) => key))

const statusOf = async (service: Service, id: string) => (await getExecution(service, id)).status

const until = (check: () => Promise<void> | void) => vi.waitFor(check, { timeout: 20_000, interval: 50 })

/** Whether an execution of an object is parked. */
const isParked = (object: ReturnType<typeof objectAt>, id: string) =>
  runInDurableObject(
    object,
    (_, { storage }) =>
      storage.sql.exec("SELECT parked FROM journal_executions WHERE id = ?", id).toArray()[0]?.["parked"] === 1
  )

/** An upstream that answers once it is open, after a while, and counts how many wait for it. */
const gatedUpstream = () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => open = resolve)
  let now = 0
  let most = 0
  upstreamAnswers(async () => {
    most = Math.max(most, ++now)
    await opened
    await new Promise((resolve) => setTimeout(resolve, 20))
    now--
    return Response.json({})
  })
  return { open, most: () => most }
}

describe.each(placements)("settings.concurrency on $placement", ({ service }) => {
  it.each([1, 3])(
    "lets no more than %d run, in the order in which they came, and keeps nothing of them",
    async (limit) => {
      const upstream = gatedUpstream()
      const { id: workflowId } = await createLimited(service, { limit })
      for (let n = 0; n < 12; n++) {
        await execute(service, workflowId, { inputs: { n } })
        // Each has asked before the next one does: its lease stands beside the limit.
        await until(async () => expect((await leasesOf(workflowId)).length).toBe(n + 2))
      }
      upstream.open()
      await until(async () => {
        const { items } = await listExecutions(service, `?workflowId=${workflowId}&status=completed`)
        expect(items.length).toBe(12)
      })
      expect(upstream.most()).toBe(limit)
      const asked = askedOfUpstream().map(({ url }) => url)
      const order = Array.from({ length: 12 }, (_, n) => `/${n}`)
      // Those that begin at the same time may overtake one another on their way.
      expect(limit === 1 ? asked : asked.toSorted()).toEqual(limit === 1 ? order : order.toSorted())
      await until(async () => expect(await leasesOf(workflowId)).toEqual([]))
    }
  )

  it("shows one that waits as pending, and lets it run when the slot is free, also after an eviction", async () => {
    upstreamAnswers(never)
    const { id: workflowId } = await createLimited(service, { limit: 1 })
    const first = await execute(service, workflowId, { inputs: { n: 1 } })
    await until(() => expect(askedOfUpstream().length).toBe(1))
    const second = await execute(service, workflowId, { inputs: { n: 2 } })
    const object = objectAt(await placementOf(second.id))
    await until(async () => expect(await isParked(object, second.id)).toBe(true))
    expect((await getExecution(service, second.id)).status).toBe("pending")
    const { items } = await listExecutions(service, `?workflowId=${workflowId}&status=pending`)
    expect(items.map(({ id }) => id)).toEqual([second.id])
    expect(askedOfUpstream().length).toBe(1)

    await evictDurableObject(leaseObject(workflowId))
    await call(service, "POST", `/api/executions/${first.id}/cancel`)
    await until(() => expect(askedOfUpstream().map(({ url }) => url)).toEqual(["/1", "/2"]))
    expect((await getExecution(service, second.id)).status).toBe("running")
    await call(service, "POST", `/api/executions/${second.id}/cancel`)
    await until(async () => expect(await leasesOf(workflowId)).toEqual([]))
  })

  it("rejects", async () => {
    upstreamAnswers(never)
    const { id: workflowId } = await createLimited(service, { limit: 1, whenFull: "reject" })
    const first = await execute(service, workflowId, { inputs: { n: 1 } })
    await until(() => expect(askedOfUpstream().length).toBe(1))
    const second = await execute(service, workflowId, { inputs: { n: 2 }, wait: 10 })
    expect(second).toMatchObject({
      status: "failed",
      error: { code: "concurrency-limit" },
      steps: [{ status: "skipped" }]
    })
    await call(service, "POST", `/api/executions/${first.id}/cancel`)
    await until(async () => expect(await leasesOf(workflowId)).toEqual([]))
  })

  it("cancels the oldest", async () => {
    upstreamAnswers(never)
    const { id: workflowId } = await createLimited(service, { limit: 1, whenFull: "cancel-oldest" })
    const first = await execute(service, workflowId, { inputs: { n: 1 } })
    await until(() => expect(askedOfUpstream().length).toBe(1))
    const second = await execute(service, workflowId, { inputs: { n: 2 } })
    await until(() => expect(askedOfUpstream().length).toBe(2))
    expect(await statusOf(service, first.id)).toBe("cancelled")
    const logs = await (await call(service, "GET", `/api/executions/${first.id}/logs`)).text()
    expect(logs).toContain(`execution ${second.id} runs in its place`)
    await call(service, "POST", `/api/executions/${second.id}/cancel`)
    await until(async () => expect(await leasesOf(workflowId)).toEqual([]))
  })

  it("loses no slot by a release that is lost, or whose answer is", async () => {
    const { id: workflowId } = await createLimited(service, { limit: 1 })
    failWhere(({ of, what }) => of === "lease" && what === "release" ? "before" : undefined)
    const first = await execute(service, workflowId, { inputs: { n: 1 }, wait: 10 })
    expect(first.status).toBe("completed")
    expect((await leasesOf(workflowId)).length).toBe(2)
    // What it heard of the first one is forgotten: the next one has it looked up.
    await evictDurableObject(leaseObject(workflowId))
    failWhere(({ of, what }) => of === "lease" && what === "release" ? "after" : undefined)
    const second = await execute(service, workflowId, { inputs: { n: 2 }, wait: 10 })
    expect(second.status).toBe("completed")
    failWhere()
    await ring(first.id)
    await ring(second.id)
    await until(async () => expect(await leasesOf(workflowId)).toEqual([]))
  })
})

describe("what an execution with a limit costs", () => {
  const service = serve()

  it("beyond one without: a lease object twice, and a few rows", async () => {
    const { id: workflowId } = await createLimited(service, { limit: 1 })
    forgetCalls()
    takeRowsWritten()
    const run = await execute(service, workflowId, { inputs: { n: 1 }, wait: 10 })
    expect(run.status).toBe("completed")
    expect(callsOf("d1", "kv", "execution", "lease").filter((call) => !call.endsWith(" rate-limit"))).toEqual([
      "worker d1.batch",
      "worker execution.start",
      "object lease.acquire",
      "object kv.put execution",
      "object d1.all",
      "object lease.release"
    ])
    // One row each for the limit and the lease; the lease goes, and then all that is left.
    expect(callsOf("row")).toEqual(["leases row.put limit", "leases row.put lease", "leases row.delete lease"])
    // The tables; each record and document once, and once more when it goes; how it stands with the slot, twice.
    expect(takeRowsWritten()).toBe(6 + 2 * (1 + 4) + 4)
    await until(async () => expect(await leasesOf(workflowId)).toEqual([]))
  })
})
