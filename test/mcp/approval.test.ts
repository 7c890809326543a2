import { assert, describe, it } from "@effect/vitest"
import { Limits } from "../../src/domain/Limits.ts"
import { keys, refusal, serve, structured } from "./harness.ts"

const held = { MCP_REQUIRE_APPROVAL: "true" }
const call = { id: "call", type: "http-request", order: 1, config: { url: "https://api.example.com/users" } }
const definition = { name: "Users", steps: [call] }
const changes = { steps: [{ ...call, config: { url: "https://elsewhere.example.com/users" } }] }

type Answer =
  | { readonly action: "accept"; readonly content: Record<string, string | number | boolean | Array<string>> }
  | { readonly action: "decline" | "cancel" }

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

/** A call of a tool by a client that can ask its user, as it is sent. */
const send = async (
  service: ReturnType<typeof serve>,
  name: string,
  args: object,
  params: object = {},
  key: string = keys.a
) => {
  const response = await service.handle(
    new Request("http://service.test/mcp", {
      method: "POST",
      headers: {
        "authorization": `Bearer ${key}`,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": name
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: {
          name,
          arguments: args,
          _meta: {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
            "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } }
          },
          ...params
        }
      })
    })
  )
  return Object(await response.json())
}

/** What a client adds to a call to answer the question to it. */
const answerTo = (asked: Awaited<ReturnType<typeof send>>, answer: Answer = approve) => ({
  inputResponses: { decision: answer },
  requestState: asked.result.requestState
})

/** A service where changes wait, with a workflow. */
const serveHeld = async (name = "Users") => {
  const service = serve([], held)
  const { json } = await service.api("POST", "/api/workflows", { tenantId: "tenant-a", ...definition, name })
  return { service, id: String(json.id) }
}

const statusesOf = async ({ api }: ReturnType<typeof serve>): Promise<ReadonlyArray<string>> =>
  (await api("GET", "/api/proposals")).json.items.map(({ status }: { readonly status: string }) => status)

describe("with MCP_REQUIRE_APPROVAL", () => {
  it("a creation becomes a proposal, and a workflow once it is approved over REST", async () => {
    const service = serve([], held)
    const client = await service.connect()
    // The client compares answers with the schemas of the tools that it has listed.
    await client.listTools()
    const made = structured(await client.callTool({ name: "workflow_create", arguments: { definition } }))
    assert.deepInclude(made, { stored: false, version: null, status: null })
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
      "An agent wants to create the workflow \"Users\".\nNew hosts: \"api.example.com\"\nStatus: active\n" +
      "Steps added: call (http-request)"
    ])
    const changed = structured(
      await client.callTool({ name: "workflow_update", arguments: { workflowId: made["id"], changes } })
    )
    assert.deepInclude(changed, { stored: true, version: 2 })
    assert.strictEqual(
      asked[1],
      `An agent wants to change the workflow "Users" (${made["id"]}, version 1).\n` +
        "New hosts: \"elsewhere.example.com\"\nSteps changed: call: config.url"
    )
    assert.deepStrictEqual(await statusesOf(service), ["approved", "approved"])
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
      assert.deepInclude(made, { stored: false, version: null, status: null })
      assert.strictEqual(made["proposal"]["status"], "refused")
      assert.strictEqual(made["untrusted"]["reason"], reason ?? undefined)
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
    const another = { ...definition, name: "Another" }
    const other = structured(await client.callTool({ name: "workflow_create", arguments: { definition: another } }))
    const raw = (params: object, key: string = keys.a) => send(service, "workflow_create", { definition }, params, key)
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

  for (
    const [title, answer] of [
      ["closes the question", { action: "cancel" }],
      ["says neither yes nor no", { action: "accept", content: { comment: "later" } }]
    ] satisfies ReadonlyArray<[string, Answer]>
  ) {
    it(`a change stays open when the user ${title}`, async () => {
      const { id, service } = await serveHeld()
      const { asked, client } = await withUser(service, () => answer)
      const update = { name: "workflow_update", arguments: { workflowId: id, changes } }
      const made = structured(await client.callTool(update))
      assert.deepInclude(made, { stored: false, status: null, version: null })
      assert.strictEqual(made["proposal"]["status"], "open")
      assert.include(made["note"], `proposal://${made["proposal"]["id"]}`)
      assert.deepStrictEqual(made["untrusted"]["diff"]["newHosts"], [{ host: "elsewhere.example.com", dynamic: false }])
      assert.deepStrictEqual(structured(await client.callTool(update)), made, "it is the same one that is asked about")
      assert.lengthOf(asked, 2)
      await service.api("POST", `/api/proposals/${made["proposal"]["id"]}/approve`)
      assert.strictEqual((await service.api("GET", `/api/workflows/${id}`)).json.version, 2)
    })
  }

  it("an agent learns what becomes of what it proposed, and why", async () => {
    const { id, service } = await serveHeld()
    const client = await service.connect()
    const made = structured(
      await client.callTool({ name: "workflow_update", arguments: { workflowId: id, changes } })
    )
    const uri = `proposal://${made["proposal"]["id"]}`
    assert.include(made["note"], uri)
    const read = async () => {
      const [content] = (await client.readResource({ uri })).contents
      return content !== undefined && "text" in content ? JSON.parse(String(content.text)) : undefined
    }
    const open = await read()
    assert.deepInclude(open, { workflowId: id, kind: "update", baseVersion: 1, status: "open", version: null })
    assert.deepStrictEqual(open.untrusted.diff, made["untrusted"]["diff"])
    assert.deepInclude(open.untrusted, { name: "Users", baseName: "Users", reason: null })
    assert.strictEqual(open.untrusted.definition.steps[0].config.url, changes.steps[0]?.config.url)
    await service.api("POST", `/api/proposals/${made["proposal"]["id"]}/refuse`, { reason: "The old host, please" })
    const refused = await read()
    assert.strictEqual(refused.status, "refused")
    assert.strictEqual(refused.untrusted.reason, "The old host, please")
  })

  it("a change that changes nothing is told as such, and nobody is asked", async () => {
    const { id, service } = await serveHeld()
    const { asked, client } = await withUser(service, () => approve)
    const answered = structured(
      await client.callTool({ name: "workflow_update", arguments: { workflowId: id, changes: { name: "Users" } } })
    )
    assert.deepInclude(answered, { stored: false, id, version: 1, status: "active" })
    assert.match(answered["note"], /^Nothing would change/)
    assert.deepStrictEqual([asked, await statusesOf(service)], [[], []])
  })

  it("the user is asked no more than there is to be seen: then a person decides over REST", async () => {
    const service = serve([], held)
    const { asked, client } = await withUser(service, () => approve)
    const calls = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ...call,
        id: `call-${index}`,
        config: { url: `https://h${index}.example.com/` }
      }))
    const create = async (count: number) =>
      structured(
        await client.callTool({
          name: "workflow_create",
          arguments: { definition: { name: "Many", steps: calls(count) } }
        })
      )
    assert.strictEqual((await create(Limits.questionNames))["stored"], true)
    assert.include(asked[0], `"h${Limits.questionNames - 1}.example.com"`)
    const made = await create(Limits.questionNames + 1)
    assert.deepInclude(made, { stored: false, status: null })
    assert.include(made["note"], "The user was not asked")
    assert.lengthOf(asked, 1)
    assert.deepStrictEqual(await statusesOf(service), ["open", "approved"])
  })

  it("an answer to one call is none to another", async () => {
    const { id, service } = await serveHeld()
    const create = { definition: { ...definition, name: "Asked for" } }
    const asked = await send(service, "workflow_create", create)
    const others: ReadonlyArray<readonly [string, object]> = [
      ["workflow_create", { definition: { ...definition, name: "Not asked for" } }],
      ["workflow_update", { workflowId: id, changes }],
      ["workflow_delete", { workflowId: id }]
    ]
    for (const [name, args] of others) {
      const refused = await send(service, name, args, answerTo(asked))
      assert.strictEqual(refused.error?.code, -32602, name)
    }
    assert.lengthOf((await service.api("GET", "/api/workflows")).json.items, 1)
    const reordered = { definition: { steps: definition.steps, name: "Asked for" } }
    const decided = await send(service, "workflow_create", reordered, answerTo(asked))
    assert.strictEqual(decided.result.structuredContent.stored, true)
  })

  it("a question to delete is told with its workflow, and a yes deletes it", async () => {
    const { id, service } = await serveHeld("Users\u202e\n")
    const { asked, client } = await withUser(service, () => approve)
    const deleted = structured(await client.callTool({ name: "workflow_delete", arguments: { workflowId: id } }))
    assert.deepStrictEqual(deleted, { deleted: id })
    assert.deepStrictEqual(asked, [
      `An agent wants to delete the workflow "Users\\u202e\\u000a" (${id}, version 1). It can't be undone.`
    ])
    assert.strictEqual((await service.api("GET", `/api/workflows/${id}`)).status, 404)
  })

  for (
    const [title, answer, expected] of [
      ["declines", { action: "decline" }, { deleted: null, note: "The user has refused it" }],
      ["closes the question", { action: "cancel" }, { deleted: null, note: "The user has not decided" }],
      ["says no, and why", { action: "accept", content: { approved: false, comment: "still used" } }, {
        deleted: null,
        note: "The user has refused it",
        untrusted: { reason: "still used" }
      }]
    ] satisfies ReadonlyArray<[string, Answer, object]>
  ) {
    it(`nothing is deleted when the user ${title}`, async () => {
      const { id, service } = await serveHeld()
      const { client } = await withUser(service, () => answer)
      const deleted = structured(await client.callTool({ name: "workflow_delete", arguments: { workflowId: id } }))
      assert.deepStrictEqual(deleted, expected)
      assert.strictEqual((await service.api("GET", `/api/workflows/${id}`)).status, 200)
    })
  }

  it("only the version is deleted that the user was asked about", async () => {
    const { id, service } = await serveHeld()
    const { client } = await withUser(service, async () => {
      await service.api("PUT", `/api/workflows/${id}`, { description: "meanwhile" })
      return approve
    })
    const refused = refusal(await client.callTool({ name: "workflow_delete", arguments: { workflowId: id } }))
    assert.strictEqual(refused["code"], "WORKFLOW-004")
    assert.strictEqual((await service.api("GET", `/api/workflows/${id}`)).status, 200)
  })

  it("a client that can't ask deletes nothing: a person does it over REST", async () => {
    const { id, service } = await serveHeld()
    const client = await service.connect()
    const remove = async (args: Record<string, unknown>) =>
      refusal(await client.callTool({ name: "workflow_delete", arguments: args }))
    const refused = await remove({ workflowId: id })
    assert.strictEqual(refused["code"], "AUTH-003")
    assert.include(refused["detail"], "DELETE /api/workflows/:id")
    assert.strictEqual((await remove({ workflowId: id, expectedVersion: 2 }))["code"], "WORKFLOW-004")
    assert.strictEqual((await remove({ workflowId: "none" }))["code"], "WORKFLOW-002")
    assert.strictEqual((await service.api("DELETE", `/api/workflows/${id}`)).status, 204)
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
  it("a change that changes nothing makes no version, over REST it does", async () => {
    const service = serve()
    const { json: { id } } = await service.api("POST", "/api/workflows", { tenantId: "tenant-a", ...definition })
    const client = await service.connect()
    const update = (args: object) =>
      client.callTool({ name: "workflow_update", arguments: { workflowId: id, ...args } })
    for (
      const same of [{}, { name: "Users" }, { steps: [{ config: call.config, order: 1, id: "call", type: call.type }] }]
    ) {
      const answered = structured(await update({ changes: same, expectedVersion: 1 }))
      assert.deepInclude(answered, { stored: false, version: 1, status: "active" })
      assert.match(answered["note"], /^Nothing would change/)
    }
    assert.strictEqual(refusal(await update({ changes: {}, expectedVersion: 2 }))["code"], "WORKFLOW-004")
    assert.strictEqual(refusal(await update({ changes: { tenantId: "tenant-b" } }))["code"], "WORKFLOW-003")
    assert.strictEqual((await service.api("GET", `/api/workflows/${id}`)).json.version, 1)
    assert.strictEqual((await service.api("PUT", `/api/workflows/${id}`, {})).json.version, 2)
    assert.deepInclude(structured(await update({ changes: { name: "New" } })), { stored: true, version: 3 })
  })

  it("a workflow is deleted at once", async () => {
    const service = serve()
    const { json: { id } } = await service.api("POST", "/api/workflows", { tenantId: "tenant-a", ...definition })
    const { asked, client } = await withUser(service, () => ({ action: "decline" }))
    const deleted = structured(await client.callTool({ name: "workflow_delete", arguments: { workflowId: id } }))
    assert.deepStrictEqual([deleted, asked], [{ deleted: id }, []])
  })
})
