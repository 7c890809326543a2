import { assert, describe, it } from "@effect/vitest"
import { keys, refusal, serve, structured } from "./harness.ts"

const held = { MCP_REQUIRE_APPROVAL: "true" }
const call = { id: "call", type: "http-request", order: 1, config: { url: "https://api.example.com/users" } }
const definition = { name: "Users", steps: [call] }
const changes = { steps: [{ ...call, config: { url: "https://elsewhere.example.com/users" } }] }

type Answer =
  | { readonly action: "accept"; readonly content: Record<string, string | number | boolean | Array<string>> }
  | {
    readonly action: "decline"
  }

const approve: Answer = { action: "accept", content: { approved: true } }

/** A client whose user is asked, and answers so; and what the user was asked. */
const withUser = async (service: ReturnType<typeof serve>, answer: () => Answer | Promise<Answer>) => {
  const asked: Array<string> = []
  const client = await service.connect({ capabilities: { elicitation: { form: {} } } })
  client.setRequestHandler("elicitation/create", async ({ params }) => {
    asked.push(params.message)
    return answer()
  })
  return { client, asked }
}

describe("with MCP_REQUIRE_APPROVAL", () => {
  it("a creation becomes a proposal, and a workflow once it is approved over REST", async () => {
    const service = serve([], held)
    const client = await service.connect()
    const made = structured(await client.callTool({ name: "workflow_create", arguments: { definition } }))
    assert.deepInclude(made, { stored: false, version: null })
    assert.deepStrictEqual(made["untrusted"]["diff"], {
      steps: { added: [{ path: "call", id: "call", type: "http-request" }], removed: [], changed: [] },
      newHosts: [{ host: "api.example.com", dynamic: false }],
      newSecrets: [],
      other: ["name", "status"]
    })
    assert.strictEqual((await service.api("GET", `/api/workflows/${made["id"]}`)).status, 404)
    const run = await client.callTool({ name: "workflow_execute", arguments: { workflowId: made["id"] } })
    assert.strictEqual(refusal(run)["code"], "WORKFLOW-002")

    const approved = await service.api("POST", `/api/proposals/${made["proposal"]["id"]}/approve`)
    assert.deepInclude(approved.json, { id: made["id"], version: 1, status: "active" })
    const read = structured(await client.callTool({ name: "workflow_get", arguments: { workflowId: made["id"] } }))
    assert.strictEqual(read["version"], 1)
  })

  it("a change leaves the workflow as it is until it is approved", async () => {
    const service = serve([], held)
    const { json: { id } } = await service.api("POST", "/api/workflows", { tenantId: "tenant-a", ...definition })
    const client = await service.connect()
    const made = structured(
      await client.callTool({ name: "workflow_update", arguments: { workflowId: id, changes, expectedVersion: 1 } })
    )
    assert.deepStrictEqual(made["untrusted"]["diff"]["steps"]["changed"], [
      { path: "call", id: "call", type: "http-request", members: ["config.url"] }
    ])
    assert.strictEqual((await service.api("GET", `/api/workflows/${id}`)).json.version, 1)
    await service.api("POST", `/api/proposals/${made["proposal"]["id"]}/approve`)
    const { json } = await service.api("GET", `/api/workflows/${id}`)
    assert.deepStrictEqual([json.version, json.steps[0].config.url], [2, changes.steps[0]?.config.url])
  })

  it("what could not be stored is refused at once", async () => {
    const service = serve([], held)
    const client = await service.connect()
    const refused = refusal(
      await client.callTool({ name: "workflow_create", arguments: { definition: { name: "x" } } })
    )
    assert.strictEqual(refused["code"], "WORKFLOW-001")
    assert.deepStrictEqual((await service.api("GET", "/api/proposals")).json.items, [])
  })

  it("the user is asked where the client can, and told what would change", async () => {
    const service = serve([], held)
    const { asked, client } = await withUser(service, () => approve)
    const made = structured(await client.callTool({ name: "workflow_create", arguments: { definition } }))
    assert.deepInclude(made, { stored: true, version: 1, status: "active" })
    assert.deepStrictEqual(asked, [
      "An agent wants to create the workflow \"Users\".\nSteps added: call (http-request)\nNew hosts: api.example.com"
    ])
    const changed = structured(
      await client.callTool({ name: "workflow_update", arguments: { workflowId: made["id"], changes } })
    )
    assert.deepInclude(changed, { stored: true, version: 2 })
    assert.strictEqual(
      asked[1],
      "An agent wants to change the workflow \"Users\".\nSteps changed: call: config.url\nNew hosts: elsewhere.example.com"
    )
    const { json } = await service.api("GET", "/api/proposals")
    assert.deepStrictEqual(json.items.map(({ status }: { readonly status: string }) => status), [
      "approved",
      "approved"
    ])
  })

  for (
    const [title, answer, reason] of [
      ["declines", { action: "decline" }, null],
      ["says no, and why", { action: "accept", content: { approved: false, comment: "wrong host" } }, "wrong host"]
    ] satisfies ReadonlyArray<[string, Answer, string | null]>
  ) {
    it(`nothing is stored when the user ${title}`, async () => {
      const service = serve([], held)
      const { client } = await withUser(service, () => answer)
      const made = structured(await client.callTool({ name: "workflow_create", arguments: { definition } }))
      assert.strictEqual(made["stored"], false)
      assert.strictEqual(made["proposal"]["status"], "refused")
      const { json } = await service.api("GET", `/api/proposals/${made["proposal"]["id"]}`)
      assert.deepStrictEqual([json.status, json.reason], ["refused", reason])
      assert.deepStrictEqual((await service.api("GET", "/api/workflows")).json.items, [])
    })
  }

  it("a workflow that changed while the user thought is not overwritten", async () => {
    const service = serve([], held)
    const { json: { id } } = await service.api("POST", "/api/workflows", { tenantId: "tenant-a", ...definition })
    const { client } = await withUser(service, async () => {
      await service.api("PUT", `/api/workflows/${id}`, { description: "meanwhile" })
      return approve
    })
    const refused = refusal(await client.callTool({ name: "workflow_update", arguments: { workflowId: id, changes } }))
    assert.strictEqual(refused["code"], "WORKFLOW-004")
    const { json } = await service.api("GET", `/api/workflows/${id}`)
    assert.deepStrictEqual([json.version, json.description, json.steps[0].config.url], [
      2,
      "meanwhile",
      call.config.url
    ])
  })

  it("an answer without the question's state, or with another's, decides nothing", async () => {
    const service = serve([], held)
    const client = await service.connect()
    const other = structured(await client.callTool({ name: "workflow_create", arguments: { definition } }))
    const raw = (params: object, key: string = keys.a) =>
      service.handle(
        new Request("http://service.test/mcp", {
          method: "POST",
          headers: {
            "authorization": `Bearer ${key}`,
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": "workflow_create"
          },
          body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            method: "tools/call",
            params: {
              name: "workflow_create",
              arguments: { definition },
              _meta: {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
                "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } }
              },
              ...params
            }
          })
        })
      ).then(async (response) => Object(await response.json()))
    const yes = { inputResponses: { decision: approve } }
    const asked = await raw({})
    assert.strictEqual(asked.result.resultType, "input_required")
    const withoutState = await raw(yes)
    assert.strictEqual(withoutState.result.resultType, "input_required", "it is asked anew")
    const forged = Buffer.from(JSON.stringify({ p: { proposalId: other["proposal"]["id"] }, exp: 9e9 })).toString(
      "base64url"
    )
    for (const requestState of [`v1.${forged}.AAAA`, "nonsense", `${asked.result.requestState}x`]) {
      const refused = await raw({ ...yes, requestState })
      assert.strictEqual(refused.error.code, -32602, requestState)
    }
    const anotherKey = await raw({ ...yes, requestState: asked.result.requestState }, keys.operator)
    assert.strictEqual(anotherKey.error.code, -32602)
    assert.deepStrictEqual((await service.api("GET", "/api/workflows")).json.items, [])
    const decided = await raw({ ...yes, requestState: asked.result.requestState })
    assert.strictEqual(decided.result.structuredContent.stored, true)
    const again = await raw({ ...yes, requestState: asked.result.requestState })
    assert.strictEqual(JSON.parse(again.result.content[0].text).code, "PROPOSAL-002")
  })
})

describe("without it", () => {
  it("changes are made at once, and nobody is asked", async () => {
    const service = serve()
    const { asked, client } = await withUser(service, () => approve)
    assert.deepInclude(
      structured(await client.callTool({ name: "workflow_create", arguments: { definition } })),
      { stored: true, version: 1 }
    )
    assert.deepStrictEqual(asked, [])
  })
})
