import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  acceptedOf,
  deliveriesOf,
  deliveryOf,
  executionOf,
  executionsOf,
  keyOf,
  logsOf,
  newKeyOf,
  problemOf,
  proposalOf,
  proposalsOf,
  refusedOf,
  versionsOf,
  webhookOf,
  workflowOf,
  workflowsOf
} from "./harness/Answers.ts"
import type { Answer, Client } from "./harness/Client.ts"
import { clientOf, send } from "./harness/Client.ts"
import { execute } from "./harness/Database.ts"
import { callStep, definition } from "./harness/Definitions.ts"
import { operationsOf } from "./harness/Document.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"
import { never, Upstream } from "./harness/Upstream.ts"

/** A tenant, and what belongs to it. */
interface Tenant {
  readonly id: string
  readonly api: Client
  /** It ends at once. */
  readonly quickId: string
  /** It ends when it is cancelled. */
  readonly slowId: string
  /** It has a webhook with a token, at a path, to which a delivery came. */
  readonly hookedId: string
  readonly hookPath: string
  readonly deliveryId: string
  readonly finishedId: string
  readonly runningId: string
}

/** What an endpoint must deny to a tenant of what is another's, and grant to it of its own. */
interface Row {
  readonly denies: (intruder: Tenant, owner: Tenant) => Promise<void>
  readonly grants: (owner: Tenant) => Promise<void>
}

const unknown = "00000000-0000-7000-8000-000000000000"

let service: Service
let upstream: Upstream
let tenants: readonly [a: Tenant, b: Tenant]
const operator: Client = (method, path, content) => clientOf(service, operatorKey)(method, path, content)

/** The answer is the one that an id without an owner gets, to the letter. */
const isHidden = async (code: string, ask: (id: string) => Promise<Answer>, id: string) => {
  const { requestId: _, ...problem } = problemOf(await ask(id))
  const { requestId: __, ...ofNobody } = problemOf(await ask(unknown))
  expect(problem).toEqual(ofNobody)
  expect(problem).toMatchObject({ code, status: 404 })
}

const start = async ({ api }: Pick<Tenant, "api">, workflowId: string, prefer: Record<string, string> = {}) =>
  executionOf(await api("POST", "/api/executions", { body: { workflowId }, headers: prefer }), 201)

const create = async ({ api, id }: Pick<Tenant, "api" | "id">, name: string, path: string) =>
  workflowOf(
    await api("POST", "/api/workflows", {
      // Longer than the whole suite takes: what is to be running must not time out meanwhile.
      body: definition(id, name, [{ ...callStep("only", 1, upstream.url + path), timeout: "1h" }])
    }),
    201
  )

/** A key of a tenant that an operator makes. */
const keyFor = async ({ id }: Pick<Tenant, "id">) =>
  newKeyOf(await operator("POST", "/api/keys", { body: { name: "Made", tenantId: id, scopes: ["read"] } }), 201)

/** A workflow with a webhook. */
const hook = async ({ api, id }: Pick<Tenant, "api" | "id">) => {
  const steps = [{ id: "only", type: "transform", order: 1, config: { operation: "set", values: {} } }]
  const body = { ...definition(id, "Hooked", steps), triggers: ["webhook"] }
  const hookedId = workflowOf(await api("POST", "/api/workflows", { body }), 201).id
  return { hookedId, hookPath: webhookOf(await api("GET", `/api/workflows/${hookedId}/webhook`)).path }
}

/** A workflow that fires once a year. */
const createScheduled = async ({ api, id }: Pick<Tenant, "api" | "id">) => {
  const triggers = [{ type: "schedule", cron: "0 0 1 1 *" }]
  const body = { ...definition(id, "Scheduled", [callStep("only", 1, upstream.url)]), triggers }
  return workflowOf(await api("POST", "/api/workflows", { body }), 201).id
}

const rows: Readonly<Record<string, Row>> = {
  "POST /api/workflows": {
    denies: async ({ api }, owner) => {
      const body = definition(owner.id, "Intruded", [callStep("only", 1, upstream.url)])
      expect(problemOf(await api("POST", "/api/workflows", { body }))).toMatchObject({ code: "AUTH-003", status: 403 })
      expect(workflowsOf(await operator("GET", "/api/workflows?name=Intruded")).items).toEqual([])
    },
    grants: async (owner) => {
      expect(await create(owner, "Own", "/")).toMatchObject({ tenantId: owner.id, name: "Own" })
    }
  },
  "GET /api/workflows": {
    denies: async ({ api, id }, owner) => {
      for (const query of [`?tenantId=${owner.id}`, `?tenantId=${owner.id}&status=active&name=quick`]) {
        expect(workflowsOf(await api("GET", `/api/workflows${query}`))).toEqual({ items: [], nextCursor: null })
      }
      const { items } = workflowsOf(await api("GET", "/api/workflows?limit=100"))
      expect([...new Set(items.map(({ tenantId }) => tenantId))]).toEqual([id])
      // A cursor made of the other tenant's list leads to nothing of it either.
      const { nextCursor } = workflowsOf(await owner.api("GET", "/api/workflows?limit=1"))
      expect(nextCursor).not.toBeNull()
      const next = workflowsOf(await api("GET", `/api/workflows?cursor=${nextCursor}`))
      expect(next.items.filter(({ tenantId }) => tenantId !== id)).toEqual([])
    },
    grants: async ({ api, id, quickId, slowId }) => {
      for (const query of ["", `?tenantId=${id}`]) {
        const ids = workflowsOf(await api("GET", `/api/workflows${query}`)).items.map((workflow) => workflow.id)
        expect(ids).toEqual(expect.arrayContaining([quickId, slowId]))
      }
    }
  },
  "GET /api/workflows/{id}": {
    denies: async ({ api }, { quickId }) => {
      await isHidden("WORKFLOW-002", (id) => api("GET", `/api/workflows/${id}`), quickId)
      const cached = { headers: { "if-none-match": "*" } }
      await isHidden("WORKFLOW-002", (id) => api("GET", `/api/workflows/${id}`, cached), quickId)
    },
    grants: async ({ api, quickId }) => {
      expect(workflowOf(await api("GET", `/api/workflows/${quickId}`)).id).toBe(quickId)
    }
  },
  "PUT /api/workflows/{id}": {
    denies: async ({ api, id: tenantId }, { quickId }) => {
      const contents = [
        { body: { name: "Taken" } },
        { body: { tenantId } },
        { body: { name: "Taken" }, headers: { "if-match": "\"7\"" } },
        { body: { name: "Taken" }, headers: { "if-match": "\"7\", \"8\"" } }
      ]
      for (const content of contents) {
        await isHidden("WORKFLOW-002", (id) => api("PUT", `/api/workflows/${id}`, content), quickId)
      }
    },
    grants: async (owner) => {
      const { id } = await create(owner, "Old", "/")
      const changed = workflowOf(await owner.api("PUT", `/api/workflows/${id}`, { body: { name: "New" } }))
      expect(changed).toMatchObject({ id, name: "New", version: 2 })
    }
  },
  "DELETE /api/workflows/{id}": {
    denies: ({ api }, { quickId }) => isHidden("WORKFLOW-002", (id) => api("DELETE", `/api/workflows/${id}`), quickId),
    grants: async (owner) => {
      const { id } = await create(owner, "Short-lived", "/")
      expect((await owner.api("DELETE", `/api/workflows/${id}`)).status).toBe(204)
    }
  },
  "POST /api/workflows/validate": {
    denies: async ({ api }, owner) => {
      const body = definition(owner.id, "Asked", [callStep("only", 1, upstream.url)])
      expect(problemOf(await api("POST", "/api/workflows/validate", { body }))).toMatchObject({
        code: "AUTH-003",
        status: 403
      })
      // Which secrets another tenant has can't be found out either.
      const asking = definition("", "Asked", [
        callStep("only", 1, `${upstream.url}/{{ secrets.OF_${letterOf(owner)} }}`)
      ])
      const { tenantId: _, ...own } = asking
      expect((await api("POST", "/api/workflows/validate", { body: own })).json).toMatchObject({ valid: false })
    },
    grants: async ({ api, id }) => {
      const body = definition(id, "Asked", [callStep("only", 1, upstream.url)])
      expect((await api("POST", "/api/workflows/validate", { body })).json).toMatchObject({ valid: true })
    }
  },
  "GET /api/workflows/{id}/versions": {
    denies: ({ api }, { quickId }) =>
      isHidden("WORKFLOW-002", (id) => api("GET", `/api/workflows/${id}/versions`), quickId),
    grants: async ({ api, quickId }) => {
      expect(versionsOf(await api("GET", `/api/workflows/${quickId}/versions`)).items).toMatchObject([{ version: 1 }])
    }
  },
  "GET /api/workflows/{id}/versions/{version}": {
    denies: ({ api }, { quickId }) =>
      isHidden("WORKFLOW-002", (id) => api("GET", `/api/workflows/${id}/versions/1`), quickId),
    grants: async ({ api, id, quickId }) => {
      const answer = await api("GET", `/api/workflows/${quickId}/versions/1`)
      expect(answer.json).toMatchObject({ version: 1, name: `${id} quick` })
    }
  },
  "POST /api/workflows/{id}/versions/{version}/restore": {
    denies: ({ api }, { quickId }) =>
      isHidden("WORKFLOW-002", (id) => api("POST", `/api/workflows/${id}/versions/1/restore`), quickId),
    grants: async (owner) => {
      const { id } = await create(owner, "First", "/")
      await owner.api("PUT", `/api/workflows/${id}`, { body: { name: "Second" } })
      const restored = workflowOf(await owner.api("POST", `/api/workflows/${id}/versions/1/restore`))
      expect(restored).toMatchObject({ name: "First", version: 3 })
    }
  },
  "GET /api/proposals": {
    denies: async ({ api, id }, owner) => {
      for (const query of [`?tenantId=${owner.id}`, `?workflowId=${owner.quickId}`]) {
        expect(proposalsOf(await api("GET", `/api/proposals${query}`))).toEqual({ items: [], nextCursor: null })
      }
      const { items } = proposalsOf(await api("GET", "/api/proposals"))
      expect([...new Set(items.map(({ tenantId }) => tenantId))]).toEqual([id])
    },
    grants: async ({ api, id, quickId }) => {
      for (const query of ["", `?tenantId=${id}`, `?workflowId=${quickId}`]) {
        const { items } = proposalsOf(await api("GET", `/api/proposals${query}`))
        expect(items.map((proposal) => String(proposal.id))).toContain(`${id}-open`)
      }
    }
  },
  "GET /api/proposals/{id}": {
    denies: ({ api }, owner) =>
      isHidden("PROPOSAL-001", (id) => api("GET", `/api/proposals/${id}`), `${owner.id}-open`),
    grants: async ({ api, id }) => {
      const { diff, tenantId } = proposalOf(await api("GET", `/api/proposals/${id}-open`))
      expect([tenantId, diff.other]).toEqual([id, ["name"]])
    }
  },
  "POST /api/proposals/{id}/approve": {
    denies: ({ api }, owner) =>
      isHidden("PROPOSAL-001", (id) => api("POST", `/api/proposals/${id}/approve`), `${owner.id}-open`),
    grants: async ({ api, id }) => {
      const approved = workflowOf(await api("POST", `/api/proposals/${id}-approved/approve`))
      expect(approved).toMatchObject({ id: `${id}-proposed`, tenantId: id, version: 1 })
      expect(workflowOf(await api("GET", `/api/workflows/${id}-proposed`))).toEqual(approved)
    }
  },
  "POST /api/proposals/{id}/refuse": {
    denies: ({ api }, owner) =>
      isHidden("PROPOSAL-001", (id) => api("POST", `/api/proposals/${id}/refuse`), `${owner.id}-open`),
    grants: async ({ api, id }) => {
      const body = { reason: "Not now" }
      const refused = refusedOf(await api("POST", `/api/proposals/${id}-refused/refuse`, { body }))
      expect(refused).toMatchObject({ status: "refused", reason: "Not now", version: null })
    }
  },
  "GET /api/workflows/{id}/schedules": {
    denies: ({ api }, { quickId }) =>
      isHidden("WORKFLOW-002", (id) => api("GET", `/api/workflows/${id}/schedules`), quickId),
    grants: async ({ api, quickId }) => {
      expect((await api("GET", `/api/workflows/${quickId}/schedules`)).json).toEqual({ items: [] })
    }
  },
  "POST /api/workflows/{id}/schedules/{number}/pause": {
    denies: ({ api }, { quickId }) =>
      isHidden("WORKFLOW-002", (id) => api("POST", `/api/workflows/${id}/schedules/0/pause`), quickId),
    grants: async (owner) => {
      const id = await createScheduled(owner)
      const answer = await owner.api("POST", `/api/workflows/${id}/schedules/0/pause`)
      expect(answer.json).toMatchObject({ number: 0, paused: true, nextFireAt: null })
    }
  },
  "POST /api/workflows/{id}/schedules/{number}/resume": {
    denies: ({ api }, { quickId }) =>
      isHidden("WORKFLOW-002", (id) => api("POST", `/api/workflows/${id}/schedules/0/resume`), quickId),
    grants: async (owner) => {
      const id = await createScheduled(owner)
      const answer = await owner.api("POST", `/api/workflows/${id}/schedules/0/resume`)
      expect(answer.json).toMatchObject({ number: 0, paused: false })
    }
  },
  "GET /api/workflows/{id}/fires": {
    denies: ({ api }, { quickId }) =>
      isHidden("WORKFLOW-002", (id) => api("GET", `/api/workflows/${id}/fires`), quickId),
    grants: async ({ api, quickId }) => {
      expect((await api("GET", `/api/workflows/${quickId}/fires`)).json).toEqual({ items: [], nextCursor: null })
    }
  },
  "PUT /api/secrets/{name}": {
    denies: async ({ api }, owner) => {
      const body = { value: "taken" }
      for (const name of [secretOf(owner), "NEW"]) {
        const answer = await api("PUT", `/api/secrets/${name}?tenantId=${owner.id}`, { body })
        expect(problemOf(answer)).toMatchObject({ code: "AUTH-003", status: 403 })
      }
    },
    grants: async ({ api, id }) => {
      const answer = await api("PUT", "/api/secrets/MINE", { body: { value: "my own value" } })
      expect(answer.json).toMatchObject({ name: "MINE", tenantId: id })
      expect(answer.text).not.toContain("my own value")
    }
  },
  "GET /api/secrets": {
    denies: async ({ api }, owner) => {
      expect(problemOf(await api("GET", `/api/secrets?tenantId=${owner.id}`))).toMatchObject({ code: "AUTH-003" })
      expect((await api("GET", "/api/secrets")).text).not.toContain(secretOf(owner))
    },
    grants: async (owner) => {
      expect((await owner.api("GET", "/api/secrets")).text).toContain(secretOf(owner))
    }
  },
  "GET /api/secrets/{name}": {
    denies: async ({ api }, owner) => {
      const path = `/api/secrets/${secretOf(owner)}`
      expect(problemOf(await api("GET", `${path}?tenantId=${owner.id}`))).toMatchObject({ code: "AUTH-003" })
      expect(problemOf(await api("GET", path))).toMatchObject({ code: "SECRET-001", status: 404 })
    },
    grants: async (owner) => {
      const answer = await owner.api("GET", `/api/secrets/${secretOf(owner)}`)
      expect(answer.json).toMatchObject({ name: secretOf(owner), tenantId: owner.id })
    }
  },
  "DELETE /api/secrets/{name}": {
    denies: async ({ api }, owner) => {
      const path = `/api/secrets/${secretOf(owner)}`
      expect(problemOf(await api("DELETE", `${path}?tenantId=${owner.id}`))).toMatchObject({ code: "AUTH-003" })
      expect(problemOf(await api("DELETE", path))).toMatchObject({ code: "SECRET-001", status: 404 })
    },
    grants: async ({ api }) => {
      await api("PUT", "/api/secrets/SHORT_LIVED", { body: { value: "a value" } })
      expect((await api("DELETE", "/api/secrets/SHORT_LIVED")).status).toBe(204)
    }
  },
  // Keys are the operators' business: a tenant's key sees none, not even those of its own tenant.
  "POST /api/keys": {
    denies: async ({ api }, owner) => {
      const body = { name: "Intruded", tenantId: owner.id, scopes: ["read"] }
      expect(problemOf(await api("POST", "/api/keys", { body }))).toMatchObject({ code: "AUTH-003", status: 403 })
      expect((await operator("GET", `/api/keys?tenantId=${owner.id}`)).text).not.toContain("Intruded")
    },
    grants: async (owner) => {
      const body = { name: "Own", tenantId: owner.id, scopes: ["read"] }
      expect(problemOf(await owner.api("POST", "/api/keys", { body })).code).toBe("AUTH-003")
      const { key } = newKeyOf(await operator("POST", "/api/keys", { body }), 201)
      const { items } = workflowsOf(await clientOf(service, key)("GET", "/api/workflows?limit=100"))
      expect([...new Set(items.map(({ tenantId }) => tenantId))]).toEqual([owner.id])
    }
  },
  "GET /api/keys": {
    denies: async ({ api }, owner) => {
      expect(problemOf(await api("GET", `/api/keys?tenantId=${owner.id}`)).code).toBe("AUTH-003")
    },
    grants: async (owner) => {
      expect(problemOf(await owner.api("GET", "/api/keys")).code).toBe("AUTH-003")
      const { id } = await keyFor(owner)
      expect((await operator("GET", `/api/keys?tenantId=${owner.id}&limit=1`)).text).toContain(id)
    }
  },
  "GET /api/keys/{id}": {
    denies: async ({ api }, owner) => {
      const { id } = await keyFor(owner)
      for (const path of [id, unknown]) {
        expect(problemOf(await api("GET", `/api/keys/${path}`))).toMatchObject({ code: "AUTH-003", status: 403 })
      }
    },
    grants: async (owner) => {
      const { id } = await keyFor(owner)
      expect(problemOf(await owner.api("GET", `/api/keys/${id}`)).code).toBe("AUTH-003")
      expect(keyOf(await operator("GET", `/api/keys/${id}`))).toMatchObject({ id, tenantId: owner.id })
    }
  },
  "DELETE /api/keys/{id}": {
    denies: async ({ api }, owner) => {
      const { id } = await keyFor(owner)
      for (const path of [id, unknown]) {
        expect(problemOf(await api("DELETE", `/api/keys/${path}`))).toMatchObject({ code: "AUTH-003", status: 403 })
      }
      expect(keyOf(await operator("GET", `/api/keys/${id}`)).id).toBe(id)
    },
    grants: async (owner) => {
      const { id } = await keyFor(owner)
      expect(problemOf(await owner.api("DELETE", `/api/keys/${id}`)).code).toBe("AUTH-003")
      expect((await operator("DELETE", `/api/keys/${id}`)).status).toBe(204)
    }
  },
  "POST /api/executions": {
    denies: async ({ api }, { quickId }) => {
      const calls = upstream.calls.length
      await isHidden("WORKFLOW-002", (workflowId) => api("POST", "/api/executions", { body: { workflowId } }), quickId)
      expect(upstream.calls.length).toBe(calls)
    },
    grants: async (owner) => {
      const execution = await start(owner, owner.quickId, { prefer: "wait=25" })
      expect(execution).toMatchObject({ tenantId: owner.id, status: "completed" })
    }
  },
  "GET /api/executions": {
    denies: async ({ api, id }, owner) => {
      const queries = [
        `tenantId=${owner.id}`,
        `workflowId=${owner.quickId}`,
        `workflowId=${owner.slowId}&status=running`
      ]
      for (const query of queries) {
        expect(executionsOf(await api("GET", `/api/executions?${query}`))).toEqual({ items: [], nextCursor: null })
      }
      const { items } = executionsOf(await api("GET", "/api/executions?limit=100"))
      expect([...new Set(items.map(({ tenantId }) => tenantId))]).toEqual([id])
      const { nextCursor } = executionsOf(await owner.api("GET", "/api/executions?limit=1"))
      expect(nextCursor).not.toBeNull()
      const next = executionsOf(await api("GET", `/api/executions?cursor=${nextCursor}`))
      expect(next.items.filter(({ tenantId }) => tenantId !== id)).toEqual([])
    },
    grants: async ({ api, finishedId, id, runningId }) => {
      for (const query of ["", `?tenantId=${id}`]) {
        const ids = executionsOf(await api("GET", `/api/executions${query}`)).items.map((execution) => execution.id)
        expect(ids).toEqual(expect.arrayContaining([finishedId, runningId]))
      }
    }
  },
  "GET /api/executions/{id}": {
    denies: async ({ api }, { finishedId, runningId }) => {
      for (const foreign of [finishedId, runningId]) {
        await isHidden("EXECUTION-002", (id) => api("GET", `/api/executions/${id}`), foreign)
      }
    },
    grants: async ({ api, finishedId, runningId }) => {
      expect(executionOf(await api("GET", `/api/executions/${finishedId}`)).status).toBe("completed")
      expect(executionOf(await api("GET", `/api/executions/${runningId}`)).status).toBe("running")
    }
  },
  "POST /api/executions/{id}/cancel": {
    denies: async ({ api }, { finishedId, runningId }) => {
      for (const foreign of [finishedId, runningId]) {
        await isHidden("EXECUTION-002", (id) => api("POST", `/api/executions/${id}/cancel`), foreign)
      }
    },
    grants: async (owner) => {
      const { id } = await start(owner, owner.slowId)
      expect(executionOf(await owner.api("POST", `/api/executions/${id}/cancel`)).status).toBe("cancelled")
    }
  },
  "POST /api/executions/{id}/signals/{name}": {
    denies: async ({ api }, { finishedId, runningId }) => {
      for (const foreign of [finishedId, runningId]) {
        const body = { payload: 1 }
        await isHidden("EXECUTION-002", (id) => api("POST", `/api/executions/${id}/signals/go`, { body }), foreign)
      }
    },
    grants: async ({ api, runningId }) => {
      const answer = await api("POST", `/api/executions/${runningId}/signals/go`, { body: { payload: 1 } })
      expect(executionOf(answer, 202).status).toBe("running")
    }
  },
  "POST /api/executions/{id}/retry": {
    denies: async ({ api }, { finishedId, runningId }) => {
      const calls = upstream.calls.length
      for (const foreign of [finishedId, runningId]) {
        const body = { fromStep: "only" }
        await isHidden("EXECUTION-002", (id) => api("POST", `/api/executions/${id}/retry`, { body }), foreign)
        await isHidden("EXECUTION-002", (id) => api("POST", `/api/executions/${id}/retry`), foreign)
      }
      expect(upstream.calls.length).toBe(calls)
    },
    grants: async ({ api, finishedId, id }) => {
      const answer = await api("POST", `/api/executions/${finishedId}/retry`, { body: { fromStep: "only" } })
      expect(executionOf(answer, 201)).toMatchObject({ tenantId: id, retryOf: finishedId })
    }
  },
  "GET /api/executions/{id}/logs": {
    denies: async ({ api }, { finishedId, runningId }) => {
      for (const foreign of [finishedId, runningId]) {
        await isHidden("EXECUTION-002", (id) => api("GET", `/api/executions/${id}/logs`), foreign)
      }
    },
    grants: async ({ api, finishedId, runningId }) => {
      const messagesOf = async (id: string) =>
        logsOf(await api("GET", `/api/executions/${id}/logs`)).items.map(({ message }) => message)
      expect(await messagesOf(finishedId)).toContain("Execution completed")
      expect(await messagesOf(runningId)).toContain("Step started")
    }
  },
  "GET /api/workflows/{id}/webhook": {
    denies: async ({ api }, { hookedId }) => {
      await isHidden("WORKFLOW-002", (id) => api("GET", `/api/workflows/${id}/webhook`), hookedId)
    },
    grants: async ({ api, hookedId, hookPath }) => {
      expect(webhookOf(await api("GET", `/api/workflows/${hookedId}/webhook`)).path).toBe(hookPath)
    }
  },
  "POST /api/workflows/{id}/webhook/rotate": {
    denies: async ({ api }, { hookedId }) => {
      await isHidden("WORKFLOW-002", (id) => api("POST", `/api/workflows/${id}/webhook/rotate`), hookedId)
    },
    grants: async ({ api, id }) => {
      const other = await hook({ api, id })
      const rotated = webhookOf(await api("POST", `/api/workflows/${other.hookedId}/webhook/rotate`))
      expect(rotated.path).not.toBe(other.hookPath)
    }
  },
  "GET /api/workflows/{id}/deliveries": {
    denies: async ({ api }, { hookedId }) => {
      await isHidden("WORKFLOW-002", (id) => api("GET", `/api/workflows/${id}/deliveries`), hookedId)
    },
    grants: async ({ api, deliveryId, hookedId }) => {
      const { items } = deliveriesOf(await api("GET", `/api/workflows/${hookedId}/deliveries`))
      expect(items.map(({ id }) => id)).toContain(deliveryId)
    }
  },
  "GET /api/workflows/{id}/deliveries/{deliveryId}": {
    denies: async ({ api, hookedId }, owner) => {
      const of = (workflowId: string, id: string) => api("GET", `/api/workflows/${workflowId}/deliveries/${id}`)
      await isHidden("WORKFLOW-002", (id) => of(id, owner.deliveryId), owner.hookedId)
      await isHidden("TRIGGER-004", (id) => of(hookedId, id), owner.deliveryId)
    },
    grants: async ({ api, deliveryId, hookedId }) => {
      const delivery = deliveryOf(await api("GET", `/api/workflows/${hookedId}/deliveries/${deliveryId}`))
      expect(delivery.body).toBe("{\"from\":\"outside\"}")
    }
  },
  "POST /api/workflows/{id}/deliveries/{deliveryId}/redeliver": {
    denies: async ({ api, hookedId }, owner) => {
      const of = (workflowId: string, id: string) =>
        api("POST", `/api/workflows/${workflowId}/deliveries/${id}/redeliver`)
      await isHidden("WORKFLOW-002", (id) => of(id, owner.deliveryId), owner.hookedId)
      await isHidden("TRIGGER-004", (id) => of(hookedId, id), owner.deliveryId)
    },
    grants: async ({ api, deliveryId, hookedId }) => {
      acceptedOf(await api("POST", `/api/workflows/${hookedId}/deliveries/${deliveryId}/redeliver`), 202)
    }
  },
  // Senders show no key: the token or the signature lets them in, whoever they are.
  "POST /hooks/{workflowId}": {
    denies: async ({ api }, { hookedId }) => {
      await isHidden("REQUEST-001", (id) => api("POST", `/hooks/${id}`, { body: {} }), hookedId)
    },
    grants: async ({ api, hookedId }) => {
      await isHidden("REQUEST-001", (id) => api("POST", `/hooks/${id}`, { body: {} }), hookedId)
    }
  },
  "POST /hooks/{workflowId}/{token}": {
    denies: async ({ api, hookPath }, { hookedId }) => {
      const token = hookPath.split("/").at(-1)
      await isHidden("REQUEST-001", (id) => api("POST", `/hooks/${id}/${token}`, { body: {} }), hookedId)
    },
    grants: async ({ hookPath }) => {
      acceptedOf(await send(service.url, "POST", hookPath, { body: {} }), 202)
    }
  },
  "GET /health": {
    // It knows of no tenant: all that it could tell is a status.
    denies: async ({ api }, owner) => {
      const { text } = await api("GET", "/health")
      for (const secret of [owner.id, owner.quickId, owner.runningId]) expect(text).not.toContain(secret)
    },
    grants: async ({ api }) => {
      expect((await api("GET", "/health")).json).toMatchObject({ status: "ok", checks: { database: { status: "ok" } } })
    }
  }
}

const letterOf = ({ id }: Pick<Tenant, "id">) => id.slice(-1).toUpperCase()

/** The name of the secret that only this tenant has. */
const secretOf = (tenant: Pick<Tenant, "id">) => `OF_${letterOf(tenant)}`

const settle = async (id: string, api: Client): Promise<Tenant> => {
  expect((await api("PUT", `/api/secrets/${secretOf({ id })}`, { body: { value: "a value" } })).status).toBe(201)
  const quick = await create({ id, api }, `${id} quick`, "/quick")
  const slow = await create({ id, api }, `${id} slow`, `/slow/${id}`)
  const hooked = await hook({ api, id })
  const sent = await send(service.url, "POST", hooked.hookPath, { body: { from: "outside" } })
  const { deliveryId } = acceptedOf(sent, 202)
  const delivered = `/api/executions?workflowId=${hooked.hookedId}&status=completed`
  await until("its execution is stored", 30, async () => executionsOf(await api("GET", delivered)).items.length === 1)
  const finished = await start({ api }, quick.id, { prefer: "wait=25" })
  const running = await start({ api }, slow.id)
  await until("it runs", 30, () => upstream.callsOf(`/slow/${id}`).length === 1)
  expect(finished.status).toBe("completed")
  return {
    id,
    api,
    ...hooked,
    deliveryId,
    quickId: quick.id,
    slowId: slow.id,
    finishedId: finished.id,
    runningId: running.id
  }
}

/** Proposals of a tenant, which agents alone can make: to change its quick workflow, and two of new ones. */
const proposalRows = ({ id, quickId }: Tenant) => {
  const row = (name: string, kind: string, workflowId: string, base: string) => {
    const proposed = definition(id, `Proposed ${name}`, [callStep("only", 1, `${upstream.url}/quick`)])
    const json = JSON.stringify({ description: null, triggers: [], status: "active", ...proposed })
    return `('${id}-${name}', '${id}', '${workflowId}', '${kind}', ${base}, 'open', 'agent', '2026-11-22T10:00:00.000Z',
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'Proposed ${name}', '${json}')`
  }
  return [
    row("open", "update", quickId, "1, 'active'"),
    row("approved", "create", `${id}-proposed`, "NULL, NULL"),
    row("refused", "create", `${id}-never`, "NULL, NULL")
  ]
}

/** All that an operator sees of a tenant. */
const all = async ({ finishedId, hookedId, id, quickId, runningId, slowId }: Tenant) => ({
  webhook: webhookOf(await operator("GET", `/api/workflows/${hookedId}/webhook`)),
  deliveries: deliveriesOf(await operator("GET", `/api/workflows/${hookedId}/deliveries`)),
  workflows: workflowsOf(await operator("GET", `/api/workflows?tenantId=${id}`)),
  executions: executionsOf(await operator("GET", `/api/executions?tenantId=${id}`)),
  quick: workflowOf(await operator("GET", `/api/workflows/${quickId}`)),
  slow: workflowOf(await operator("GET", `/api/workflows/${slowId}`)),
  finished: executionOf(await operator("GET", `/api/executions/${finishedId}`)),
  running: executionOf(await operator("GET", `/api/executions/${runningId}`)),
  proposals: proposalsOf(await operator("GET", `/api/proposals?tenantId=${id}`)),
  logs: logsOf(await operator("GET", `/api/executions/${runningId}/logs`)),
  secrets: (await operator("GET", `/api/secrets?tenantId=${id}`)).json
})

describe("a key of one tenant", () => {
  beforeAll(async () => {
    upstream = await Upstream.start(({ path }) => path.startsWith("/slow") ? never : { json: path })
    service = await Service.start({
      API_ALLOWED_KEYS: `${operatorKey},tenant-a:key-of-a,tenant-b:key-of-b`,
      SECRETS_KEY: Buffer.alloc(32, 7).toString("base64")
    })
    tenants = [
      await settle("tenant-a", clientOf(service, "key-of-a")),
      await settle("tenant-b", clientOf(service, "key-of-b"))
    ]
    await execute(
      service,
      `INSERT INTO proposals (id, tenant_id, workflow_id, kind, base_version, base_status, status, proposed_by, created_at,
        updated_at, name, definition) VALUES ${tenants.flatMap(proposalRows).join(", ")}`
    )
    // While it runs, its row may still change once: from `pending` to `running`.
    await until(
      "both are shown as running",
      30,
      async () => executionsOf(await operator("GET", "/api/executions?status=running")).items.length === 2
    )
  })
  afterAll(async () => {
    await service?.dispose()
    await upstream?.dispose()
  })

  test("is proved on every endpoint of the API", async () => {
    const operations = operationsOf(await send(service.url, "GET", "/openapi.json"))
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(Object.keys(rows).sort())
  })

  test.each(Object.entries(rows))("%s: nothing of another tenant", async (_, { denies }) => {
    const [a, b] = tenants
    const before = [await all(a), await all(b)]
    await denies(b, a)
    await denies(a, b)
    expect([await all(a), await all(b)]).toEqual(before)
  })

  test.each(Object.entries(rows))("%s: all of its own", async (_, { grants }) => {
    for (const tenant of tenants) await grants(tenant)
  })

  test("sees less than an operator", async () => {
    const [a, b] = tenants
    const { items } = workflowsOf(await operator("GET", "/api/workflows?limit=100"))
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining([a.quickId, b.quickId]))
    for (const { runningId } of tenants) {
      expect(executionOf(await operator("POST", `/api/executions/${runningId}/cancel`)).status).toBe("cancelled")
    }
  })
})
