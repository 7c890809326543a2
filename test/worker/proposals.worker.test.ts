import { env } from "cloudflare:workers"
import { Schema } from "effect"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { TenantId, WorkflowId } from "../../src/domain/Ids.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import { ProposalDetail } from "../../src/domain/Proposal.ts"
import { Schedule } from "../../src/domain/Schedule.ts"
import { Workflow, WorkflowCreate, WorkflowUpdate } from "../../src/domain/Workflow.ts"
import { Problem } from "../../src/http/api/Errors.ts"
import { call, keys, read, serve } from "./Service.ts"
import { upstreamAnswers } from "./Upstream.ts"
import { failWhere, faultMessage } from "./Watch.ts"
import { createWorkflow, execute, threeSteps } from "./Workflows.ts"

const service = serve({ RATE_LIMIT_STORE: "memory", LOG_LEVEL: "None" })
const agent = unrestricted("agent", TenantId.make("tenant-a"))
const scheduled = [{ type: "schedule", cron: "0 0 1 1 *" }]

const decodeCreate = Schema.decodeUnknownSync(WorkflowCreate)
const decodeUpdate = Schema.decodeUnknownSync(WorkflowUpdate)

const propose = (name: string, triggers: ReadonlyArray<unknown> = []) =>
  service.propose((proposals) =>
    proposals.proposeCreate(agent, decodeCreate({ tenantId: "tenant-a", name, steps: threeSteps, triggers }), null)
  )
const proposeChange = (id: string, change: object, key = agent) =>
  service.propose((proposals) => proposals.proposeUpdate(key, WorkflowId.make(id), decodeUpdate(change), null, null))

const decide = (id: string, decision: "approve" | "refuse", key: string = keys.a, body?: unknown) =>
  call(service, "POST", `/api/proposals/${id}/${decision}`, { key, ...(body === undefined ? {} : { body }) })
const approve = (id: string) => read(Workflow, 200, decide(id, "approve"))
const codeOf = async (answer: Promise<Response>) => {
  const response = await answer
  return (await read(Problem, response.status, Promise.resolve(response))).code
}
const proposalOf = (id: string) => read(ProposalDetail, 200, call(service, "GET", `/api/proposals/${id}`))

/** The versions of a workflow, as they are stored. */
const versionsOf = async (workflowId: string) => {
  const query = env.DB.prepare("SELECT version, name FROM workflow_versions WHERE workflow_id = ? ORDER BY version")
  const { results } = await query.bind(workflowId).all()
  return results.map(({ name, version }) => [Number(version), String(name)])
}

describe("Proposals on D1", () => {
  beforeAll(() => upstreamAnswers())
  afterEach(() => failWhere())

  it("a creation is nothing until it is approved, and then runs", async () => {
    const { id, workflowId } = await propose("Created", scheduled)
    expect(await codeOf(call(service, "GET", `/api/workflows/${workflowId}`))).toBe("WORKFLOW-002")
    expect(await codeOf(call(service, "POST", "/api/executions", { body: { workflowId } }))).toBe("WORKFLOW-002")
    const workflow = await approve(id)
    expect(workflow).toMatchObject({ id: workflowId, version: 1, name: "Created", status: "active" })
    expect(await read(Workflow, 200, call(service, "GET", `/api/workflows/${workflowId}`))).toEqual(workflow)
    expect(await versionsOf(workflowId)).toEqual([[1, "Created"]])
    const schedules = Schema.Struct({ items: Schema.Array(Schedule) })
    const { items } = await read(schedules, 200, call(service, "GET", `/api/workflows/${workflowId}/schedules`))
    expect(items.map(({ nextFireAt }) => nextFireAt === null)).toEqual([false])
    expect((await execute(service, workflowId, { wait: 10 })).status).toBe("completed")
    expect(await proposalOf(id)).toMatchObject({ status: "approved", version: 1 })
  })

  it("a change becomes the next version; another one of the same version is outdated", async () => {
    const { id: workflowId } = await createWorkflow(service, threeSteps, "First", scheduled)
    const change = { name: "Second", steps: threeSteps.slice(0, 2), triggers: [] }
    const [second, other] = [
      await proposeChange(workflowId, change),
      await proposeChange(workflowId, { name: "Other" }, unrestricted("another", TenantId.make("tenant-a")))
    ]
    expect(second.diff).toEqual({
      steps: { added: [], removed: [{ path: "names", id: "names", type: "transform" }], changed: [] },
      newHosts: [],
      newSecrets: [],
      other: ["name", "triggers"]
    })
    expect(await proposalOf(second.id)).toEqual(second)
    expect(await approve(second.id)).toMatchObject({ version: 2, ...change })
    const { results } = await env.DB.prepare("SELECT key FROM schedules WHERE workflow_id = ?").bind(workflowId).all()
    expect(results).toEqual([])
    const refused = await decide(other.id, "approve")
    expect(refused.status).toBe(412)
    expect(await codeOf(Promise.resolve(refused))).toBe("WORKFLOW-004")
    expect(await proposalOf(other.id)).toMatchObject({ status: "outdated", version: null })
    expect(await codeOf(decide(other.id, "approve"))).toBe("PROPOSAL-002")
    expect(await versionsOf(workflowId)).toEqual([[1, "First"], [2, "Second"]])
  })

  it("a refusal stores nothing but the reason", async () => {
    const { id, workflowId } = await propose("Refused")
    expect((await decide(id, "refuse", keys.a, { reason: "No" })).status).toBe(200)
    expect(await proposalOf(id)).toMatchObject({ status: "refused", reason: "No", decidedBy: expect.any(String) })
    expect(await codeOf(decide(id, "approve"))).toBe("PROPOSAL-002")
    expect(await versionsOf(workflowId)).toEqual([])
  })

  it("another tenant can't decide, nor see that there is something to decide", async () => {
    const { id, workflowId } = await propose("Hidden")
    for (const decision of ["approve", "refuse"] as const) {
      const answer = await decide(id, decision, keys.b)
      expect(answer.status).toBe(404)
      expect(await codeOf(Promise.resolve(answer))).toBe("PROPOSAL-001")
    }
    expect(await versionsOf(workflowId)).toEqual([])
    expect(await proposalOf(id)).toMatchObject({ status: "open" })
  })

  it("of many who decide at the same time one wins", async () => {
    const { id: workflowId } = await createWorkflow(service, threeSteps, "First")
    const created = await propose("Raced", scheduled)
    const changed = await proposeChange(workflowId, { name: "Raced" })
    for (const { baseVersion, id, workflowId } of [created, changed]) {
      const answers = await Promise.all(
        (["approve", "approve", "refuse", "approve", "approve", "refuse"] as const).map((decision, index) =>
          decide(id, decision, index % 2 === 0 ? keys.a : keys.operator)
        )
      )
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409])
      const { status } = await proposalOf(id)
      const before = baseVersion === null ? [] : [[1, "First"]]
      const added = status === "approved" ? [[(baseVersion ?? 0) + 1, "Raced"]] : []
      expect(await versionsOf(workflowId)).toEqual([...before, ...added])
    }
  })

  it("whichever call to the database fails, before or after it was carried out, an approval is one change", async () => {
    for (const fault of ["before", "after"] as const) {
      for (let nth = 1; nth <= 3; nth++) {
        const { id: workflowId } = await createWorkflow(service, threeSteps, "First", scheduled)
        const created = await propose("Created", scheduled)
        const changed = await proposeChange(workflowId, { name: "Second" })
        for (const { baseVersion, id, workflowId } of [created, changed]) {
          let seen = 0
          failWhere(({ of }) => of === "d1" && ++seen === nth ? fault : undefined)
          const answer = await decide(id, "approve")
          const text = await answer.text()
          failWhere()
          expect(answer.status, `${nth} ${fault}`).toBe(500)
          expect(text).not.toContain(faultMessage)
          const again = await decide(id, "approve")
          expect([200, 409]).toContain(again.status)
          expect(await proposalOf(id)).toMatchObject({ status: "approved", version: (baseVersion ?? 0) + 1 })
          expect(await versionsOf(workflowId)).toEqual(
            baseVersion === null ? [[1, "Created"]] : [[1, "First"], [2, "Second"]]
          )
        }
      }
    }
  })
})
