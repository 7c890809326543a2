import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { fromWeb, HttpServerRequest } from "effect/http/HttpServerRequest"
import { ProposalsFull } from "../../src/domain/Errors.ts"
import { RequestId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { pageOf } from "../../src/domain/Page.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import { Proposal, ProposalDetail } from "../../src/domain/Proposal.ts"
import * as Client from "../../src/http/Client.ts"
import { translated } from "../../src/http/Problems.ts"
import { Proposals } from "../../src/services/Proposals.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import * as TestService from "../../src/testing/TestService.ts"
import { definition } from "./fixtures.ts"
import { issuePathsOf, jsonOf, problemOf, serve, tenantKey } from "./harness.ts"

const agent = unrestricted("agent", definition.tenantId)

/** A running service that keeps proposals in memory, and what an agent does besides. */
const start = async () => {
  const services = Effect.all({ proposals: Proposals, workflows: Workflows })
  const { proposals, workflows } = await Effect.runPromise(Effect.provide(services, TestService.layer([])))
  const service = serve({ proposals, workflows })
  const propose = (name = "Proposed") =>
    Effect.runPromise(proposals.proposeCreate(agent, { ...definition, name }, RequestId.make("request-1")))
  const change = async (name: string) => {
    const { id } = await Effect.runPromise(workflows.create(agent, definition))
    return Effect.runPromise(proposals.proposeUpdate(agent, id, { name }, null, null))
  }
  const ask = (method: string, path: string, body?: unknown, key: string | null = tenantKey) =>
    service.fetch(`/api/proposals${path}`, {
      method,
      key,
      ...(body === undefined ? {} : {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body)
      })
    })
  return { ...service, propose, change, ask }
}

const codeOf = async (response: Response) => {
  const { code, status } = await problemOf(response)
  assert.strictEqual(response.status, status)
  return `${status} ${code}`
}

const read = async <A>(schema: Schema.Codec<A, unknown>, response: Response, status = 200): Promise<A> => {
  const body: unknown = await response.json()
  assert.strictEqual(response.status, status, JSON.stringify(body))
  return Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(body)
}

describe("/api/proposals", () => {
  it("lists what waits, newest first, without definitions, by status and workflow", async () => {
    const { ask, change, propose } = await start()
    const [created, changed] = [await propose(), await change("Changed")]
    assert.strictEqual((await ask("POST", `/${created.id}/refuse`)).status, 200)
    const list = async (query: string) => (await read(pageOf(Proposal), await ask("GET", query))).items
    const ids = async (query: string) => (await list(query)).map(({ id }) => id)
    assert.sameMembers(await ids(""), [created.id, changed.id])
    assert.deepStrictEqual(await ids("?status=open"), [changed.id])
    assert.deepStrictEqual(await ids("?status=refused&tenantId=tenant-a"), [created.id])
    assert.deepStrictEqual(await ids(`?workflowId=${changed.workflowId}`), [changed.id])
    assert.deepStrictEqual(await ids("?status=approved"), [])
    assert.deepStrictEqual(await ids("?tenantId=tenant-b"), [])
    const first = await jsonOf(await ask("GET", "?limit=1"))
    const second = await jsonOf(await ask("GET", `?limit=1&cursor=${String(first["nextCursor"])}`))
    assert.isString(first["nextCursor"])
    assert.isNull(second["nextCursor"])
    for (const query of ["status=closed", "limit=0", "cursor=x", "tenantId=a%20b", "more=1", "workflowId="]) {
      assert.deepStrictEqual(await issuePathsOf(await ask("GET", `?${query}`), "REQUEST-001"), [
        query.split("=")[0] ?? ""
      ])
    }
  })

  it("shows one with what it would store and change", async () => {
    const { ask, change } = await start()
    const { id } = await change("Changed")
    const proposal = await read(ProposalDetail, await ask("GET", `/${id}`))
    assert.strictEqual(proposal.definition.name, "Changed")
    assert.deepStrictEqual(proposal.diff.other, ["name"])
    assert.strictEqual(await codeOf(await ask("GET", "/unknown")), "404 PROPOSAL-001")
  })

  it("stores what is approved, once, and answers the workflow", async () => {
    const { ask, fetch, propose } = await start()
    const { id, workflowId } = await propose()
    assert.strictEqual((await fetch(`/api/workflows/${workflowId}`)).status, 404)
    const approved = await ask("POST", `/${id}/approve`)
    assert.deepStrictEqual([approved.status, approved.headers.get("etag")], [200, "\"1\""])
    const workflow = await jsonOf(approved)
    assert.deepStrictEqual([workflow["id"], workflow["version"], workflow["name"]], [workflowId, 1, "Proposed"])
    assert.deepStrictEqual(await jsonOf(await fetch(`/api/workflows/${workflowId}`)), workflow)
    for (const decision of ["approve", "refuse"]) {
      const again = await ask("POST", `/${id}/${decision}`)
      assert.strictEqual(await codeOf(again), "409 PROPOSAL-002")
    }
  })

  it("is 412 WORKFLOW-004 when the workflow has changed or is gone, and 400 when it can't be stored any more", async () => {
    const { ask, change, send, fetch } = await start()
    const [changed, removed] = [await change("Changed"), await change("Changed")]
    await send("PUT", `/api/workflows/${changed.workflowId}`, { name: "Other" })
    const outdated = await problemOf(await ask("POST", `/${changed.id}/approve`))
    assert.deepStrictEqual([outdated.status, outdated.code], [412, "WORKFLOW-004"])
    assert.include(outdated.detail, "2")
    assert.strictEqual(await codeOf(await ask("POST", `/${changed.id}/approve`)), "409 PROPOSAL-002")
    await fetch(`/api/workflows/${removed.workflowId}`, { method: "DELETE" })
    const gone = await problemOf(await ask("POST", `/${removed.id}/approve`))
    assert.deepStrictEqual([gone.code, gone.detail], [
      "WORKFLOW-004",
      "The workflow that the proposal changes was removed"
    ])
  })

  it("refuses with a reason, or without a body", async () => {
    const { ask, propose } = await start()
    const [first, second, third] = [await propose("A"), await propose("B"), await propose("C")]
    const refused = await read(Proposal, await ask("POST", `/${first.id}/refuse`, { reason: "No" }))
    assert.deepStrictEqual([refused.status, refused.reason, refused.decidedBy], ["refused", "No", "tenant01"])
    assert.isNull((await read(Proposal, await ask("POST", `/${second.id}/refuse`))).reason)
    const path = `/${third.id}/refuse`
    const longest = "x".repeat(Limits.proposalReasonCharacters)
    for (const reason of [`${longest}x`, "\ud800", 1, null]) {
      assert.deepStrictEqual(await issuePathsOf(await ask("POST", path, { reason }), "PROPOSAL-003"), ["reason"])
    }
    assert.deepStrictEqual(await issuePathsOf(await ask("POST", path, { why: "" }), "PROPOSAL-003"), ["why"])
    assert.strictEqual((await ask("POST", path, { reason: longest })).status, 200)
  })

  it("needs a key", async () => {
    const { ask, propose } = await start()
    const { id } = await propose()
    for (
      const [method, path] of [["GET", ""], ["GET", `/${id}`], ["POST", `/${id}/approve`], ["POST", `/${id}/refuse`]]
    ) {
      assert.strictEqual(await codeOf(await ask(method ?? "", path ?? "", undefined, null)), "401 AUTH-001")
    }
  })

  it.effect("is 409 PROPOSAL-003 for whoever proposes over the number of open proposals", () =>
    Effect.gen(function*() {
      const full = new ProposalsFull({ tenantId: definition.tenantId })
      const problem = yield* Effect.flip(translated(Effect.fail(full)))
      assert.deepStrictEqual([problem.status, problem.code], [409, "PROPOSAL-003"])
      assert.include(problem.detail, String(Limits.openProposals))
      assert.include(problem.detail, String(Limits.openProposalsPerKey))
    }).pipe(Effect.provideService(HttpServerRequest, fromWeb(new Request("http://service.test/")))))

  it.effect("is called by the client", () =>
    Effect.gen(function*() {
      const { handler, propose } = yield* Effect.promise(() => start())
      const send: typeof globalThis.fetch = (input, init) => handler(new Request(input, init))
      const client = yield* Client.make({ baseUrl: "http://service.test", apiKey: Redacted.make(tenantKey) }).pipe(
        Effect.provide(FetchHttpClient.layer),
        Effect.provideService(FetchHttpClient.Fetch, send)
      )
      const { id } = yield* Effect.promise(() => propose())
      const params = { id }
      assert.deepStrictEqual((yield* client.proposals.list({ query: {} })).items.map((item) => item.id), [id])
      const refused = yield* client.proposals.refuse({ params, payload: { reason: "No" } })
      assert.strictEqual(refused.reason, "No")
      const error = yield* Effect.flip(client.proposals.approve({ params }))
      assert.strictEqual(error._tag === "Problem" ? error.code : error._tag, "PROPOSAL-002")
    }))
})
