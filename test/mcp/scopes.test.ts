import { ProtocolError } from "@modelcontextprotocol/client"
import { Context, Option } from "effect"
import * as HttpApi from "effect/http-api/HttpApi"
import { describe, expect, it } from "vitest"
import { allScopes, type Scope } from "../../src/domain/Principal.ts"
import { Api } from "../../src/http/api/Api.ts"
import { RequiredScope } from "../../src/http/api/Scopes.ts"
import { catalog as catalogOf, keys, refusal, serve, structured } from "./harness.ts"

/** Each tool, the scope that it is meant to need, and the endpoint of the API that does the same. */
const intended: ReadonlyArray<readonly [tool: string, scope: Scope, endpoint: string]> = [
  ["workflow_list", "read", "workflows.list"],
  ["workflow_get", "read", "workflows.get"],
  ["workflow_validate", "read", "workflows.validate"],
  ["workflow_create", "write", "workflows.create"],
  ["workflow_update", "write", "workflows.update"],
  ["workflow_delete", "write", "workflows.remove"],
  ["workflow_execute", "run", "executions.start"],
  ["execution_list", "read", "executions.list"],
  ["execution_get", "read", "executions.get"],
  ["execution_wait", "read", "executions.get"],
  ["execution_logs", "read", "executions.logs"],
  ["execution_explain", "read", "executions.get"],
  ["execution_cancel", "run", "executions.cancel"],
  ["execution_retry", "run", "executions.retry"],
  ["execution_signal", "run", "executions.signal"],
  ["resource_read", "read", "workflows.get"]
]

const endpointScopes: ReadonlyMap<string, Scope> = (() => {
  const found = new Map<string, Scope>()
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, group, mergedAnnotations }) => {
      const scope = Option.getOrUndefined(Context.getOption(mergedAnnotations, RequiredScope))
      if (scope !== undefined) found.set(`${group.identifier}.${endpoint.identifier}`, scope)
    }
  })
  return found
})()

const catalog = await (async () => {
  const { resources, tools, prompts } = await catalogOf()
  return {
    tools: tools.map(({ name, scope }) => ({ name, scope })),
    resources: resources.map(({ describe, scope }) => {
      const described = describe()
      return "resource" in described
        ? { uri: described.resource.uri, name: described.resource.name, isTemplate: false, scope }
        : {
          uri: described.template.uriTemplate,
          name: String(described.template["name"]),
          isTemplate: true,
          scope
        }
    }),
    prompts: prompts.map(({ describe, scope }) => ({ name: describe().name, scope }))
  }
})()

type Service = ReturnType<typeof serve>

/** A stored key of tenant A, as an operator makes it. */
const makeKey = async ({ api }: Service, members: Readonly<Record<string, unknown>>): Promise<string> => {
  const body = { name: "K", tenantId: "tenant-a", ...members }
  const { json, status } = await api("POST", "/api/keys", body, keys.operator)
  expect(status).toBe(201)
  return json.key
}

/** What a call is refused with by the protocol; the name that was asked for stands as `NAME`. */
const protocolError = async (answer: Promise<unknown>, name: string) => {
  const error = await answer.then(() => undefined, (error: unknown) => error)
  if (!(error instanceof ProtocolError)) return undefined
  return { code: error.code, message: error.message.replaceAll(name, "NAME") }
}

const steps = [{ id: "delay", type: "delay", order: 1, config: { duration: 1 } }]

const makeWorkflow = async ({ api }: Service, name: string, members: object = {}): Promise<string> => {
  const { json, status } = await api("POST", "/api/workflows", { tenantId: "tenant-a", name, steps, ...members })
  expect({ status, json }).toMatchObject({ status: 201 })
  return json.id
}

/** Proposes another name for a workflow, as an agent does where changes wait for a person. */
const propose = async (service: Service, workflowId: string): Promise<string> => {
  const client = await service.connect()
  const changed = await client.callTool({
    name: "workflow_update",
    arguments: { workflowId, changes: { name: "New" } }
  })
  return structured(changed).proposal.id
}

describe("the scopes of the tools", () => {
  it("are those that are meant", () => {
    expect(catalog.tools).toEqual(intended.map(([name, scope]) => ({ name, scope })))
  })

  it.each(intended)("%s needs %s, as %s of the API does", (_, scope, endpoint) => {
    expect(endpointScopes.get(endpoint)).toBe(scope)
  })

  it("of resources and prompts are to read", () => {
    for (const { name, scope } of [...catalog.resources, ...catalog.prompts]) {
      expect([name, scope]).toEqual([name, "read"])
    }
    expect(catalog.resources.map(({ uri }) => uri)).toEqual([
      "docs://workflow-language",
      "schema://workflow",
      "workflow://{id}",
      "execution://{id}",
      "execution://{id}/steps/{step}",
      "proposal://{id}"
    ])
    expect(catalog.prompts.map(({ name }) => name)).toEqual([
      "author-workflow",
      "diagnose-execution",
      "review-workflow"
    ])
  })
})

describe.each(["auto", "legacy"] as const)("a client of the era %s", (era) => {
  it("with every scope sees every tool, resource and prompt", async () => {
    const service = serve()
    const client = await service.connect({ era, key: await makeKey(service, { scopes: allScopes }) })
    const tools = await client.listTools()
    expect(tools.tools.map(({ name }) => name)).toEqual(intended.map(([name]) => name))
    expect(tools.nextCursor).toBeUndefined()
    const [{ resources }, { resourceTemplates }, { prompts }] = await Promise.all([
      client.listResources(),
      client.listResourceTemplates(),
      client.listPrompts()
    ])
    expect([...resources.map(({ uri }) => uri), ...resourceTemplates.map(({ uriTemplate }) => uriTemplate)]).toEqual(
      catalog.resources.map(({ uri }) => uri)
    )
    expect(prompts.map(({ name }) => name)).toEqual(catalog.prompts.map(({ name }) => name))
  })

  describe.each(allScopes)("with the scope %s alone", (only) => {
    const connect = async () => {
      const service = serve([], { MCP_REQUIRE_APPROVAL: "true" })
      const id = await makeWorkflow(service, "Shown", { triggers: [{ type: "mcp", tool: "shown" }] })
      const run = await service.api("POST", "/api/executions", { workflowId: id })
      const proposalId = await propose(service, id)
      const client = await service.connect({ era, key: await makeKey(service, { scopes: [only] }) })
      return { client, id, executionId: String(run.json.id), proposalId }
    }

    it("sees the tools of that scope, and calls no other: to it there are none", async () => {
      const { client } = await connect()
      const own = only === "run" ? ["shown"] : []
      const open = catalog.tools.filter(({ scope }) => scope === only).map(({ name }) => name)
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([...open, ...own])
      const unknown = await protocolError(client.callTool({ name: "no_such_tool", arguments: {} }), "no_such_tool")
      expect(unknown).toMatchObject({ code: -32602 })
      for (const { name, scope } of [...catalog.tools, { name: "shown", scope: "run" }]) {
        const error = await protocolError(client.callTool({ name, arguments: {} }), name)
        expect([name, error]).toEqual([name, scope === only ? undefined : unknown])
      }
    })

    it("reads the resources of that scope, and no other: to it there are none", async () => {
      const { client, executionId, id, proposalId } = await connect()
      const ids: Readonly<Record<string, string>> = { workflow: id, execution: executionId, proposal: proposalId }
      const open = catalog.resources.filter(({ scope }) => scope === only)
      expect((await client.listResources()).resources.map(({ name }) => name)).toEqual(
        open.filter(({ isTemplate }) => !isTemplate).map(({ name }) => name)
      )
      expect((await client.listResourceTemplates()).resourceTemplates.map(({ name }) => name)).toEqual(
        open.filter(({ isTemplate }) => isTemplate).map(({ name }) => name)
      )
      const unknown = await protocolError(client.readResource({ uri: "docs://none" }), "docs://none")
      expect(unknown).toBeDefined()
      for (const { scope, uri: template } of catalog.resources) {
        const uri = template.replace("{id}", ids[template.split("://", 1)[0] ?? ""] ?? "").replace("{step}", "delay")
        const error = await protocolError(client.readResource({ uri }), uri)
        expect([uri, error]).toEqual([uri, scope === only ? undefined : unknown])
      }
    })

    it("gets the prompts of that scope, and no other; completion tells it no more", async () => {
      const { client, executionId, id, proposalId } = await connect()
      const open = catalog.prompts.filter(({ scope }) => scope === only).map(({ name }) => name)
      expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(open)
      const unknown = await protocolError(client.getPrompt({ name: "none-such" }), "none-such")
      expect(unknown).toMatchObject({ code: -32602 })
      const args = { task: "Any", executionId, workflowId: id }
      for (const { name, scope } of catalog.prompts) {
        const error = await protocolError(client.getPrompt({ name, arguments: args }), name)
        expect([name, error]).toEqual([name, scope === only ? undefined : unknown])
      }
      for (
        const [ref, argument, value] of [
          [{ type: "ref/prompt", name: "review-workflow" }, "workflowId", id],
          [{ type: "ref/resource", uri: "workflow://{id}" }, "id", id],
          [{ type: "ref/resource", uri: "execution://{id}" }, "id", executionId],
          [{ type: "ref/resource", uri: "proposal://{id}" }, "id", proposalId]
        ] as const
      ) {
        const { completion } = await client.complete({ ref, argument: { name: argument, value: value.slice(0, 3) } })
        expect(completion.values).toEqual(only === "read" ? [value] : [])
      }
    })
  })
})

describe("a key to read", () => {
  it("changes nothing, whatever it calls", async () => {
    const service = serve()
    const id = await makeWorkflow(service, "Kept", { triggers: [{ type: "mcp", tool: "kept" }] })
    const { json: run } = await service.api("POST", "/api/executions", { workflowId: id })
    const client = await service.connect({ key: await makeKey(service, { scopes: ["read"] }) })
    const state = async () => [
      (await service.api("GET", `/api/workflows/${id}`)).json,
      (await service.api("GET", "/api/workflows")).json.items.length,
      (await service.api("GET", "/api/executions")).json.items.length
    ]
    const before = await state()
    const args = {
      workflow_create: { definition: { name: "New", steps } },
      workflow_update: { workflowId: id, changes: { name: "Other" } },
      workflow_delete: { workflowId: id },
      workflow_execute: { workflowId: id },
      execution_cancel: { executionId: run.id },
      execution_retry: { executionId: run.id },
      execution_signal: { executionId: run.id, signal: "go", payload: {} },
      kept: {}
    }
    const listed = (await client.listTools()).tools
    expect(listed.map(({ annotations }) => annotations?.readOnlyHint)).toEqual(listed.map(() => true))
    expect([...Object.keys(args), ...listed.map(({ name }) => name)].sort()).toEqual(
      [...catalog.tools.map(({ name }) => name), "kept"].sort()
    )
    for (const [name, given] of Object.entries(args)) {
      expect(await protocolError(client.callTool({ name, arguments: given }), name)).toMatchObject({ code: -32602 })
    }
    expect(await state()).toEqual(before)
  })
})

describe("a key that is held to workflows", () => {
  const make = async () => {
    const service = serve()
    const own = await makeWorkflow(service, "Own", { triggers: [{ type: "mcp", tool: "own" }] })
    const other = await makeWorkflow(service, "Other", { triggers: [{ type: "mcp", tool: "other" }] })
    const start = async (workflowId: string): Promise<string> =>
      (await service.api("POST", "/api/executions", { workflowId })).json.id
    const [ownRun, otherRun] = [await start(own), await start(other)]
    const client = await service.connect({ key: await makeKey(service, { scopes: allScopes, workflows: [own] }) })
    return { service, client, own, other, ownRun, otherRun }
  }

  it("lists these alone, their executions and their tools", async () => {
    const { client, own, ownRun } = await make()
    const workflows = structured(await client.callTool({ name: "workflow_list", arguments: {} }))
    const executions = structured(await client.callTool({ name: "execution_list", arguments: {} }))
    expect(workflows.items.map(({ id }: { readonly id: string }) => id)).toEqual([own])
    expect(executions.items.map(({ id }: { readonly id: string }) => id)).toEqual([ownRun])
    const names = (await client.listTools()).tools.map(({ name }) => name)
    const generic = catalog.tools.map(({ name }) => name).filter((name) => name !== "workflow_create")
    expect(names).toEqual([...generic, "own"])
  })

  it("finds no other, nor an execution of one, by any tool", async () => {
    const { client, other, otherRun, own, ownRun, service } = await make()
    const calls: ReadonlyArray<readonly [string, Readonly<Record<string, unknown>>, string]> = [
      ["workflow_get", { workflowId: other }, "WORKFLOW-002"],
      ["workflow_update", { workflowId: other, changes: { name: "x" } }, "WORKFLOW-002"],
      ["workflow_delete", { workflowId: other }, "WORKFLOW-002"],
      ["workflow_execute", { workflowId: other }, "WORKFLOW-002"],
      ["execution_get", { executionId: otherRun }, "EXECUTION-002"],
      ["execution_wait", { executionId: otherRun, waitSeconds: 0 }, "EXECUTION-002"],
      ["execution_logs", { executionId: otherRun }, "EXECUTION-002"],
      ["execution_explain", { executionId: otherRun }, "EXECUTION-002"],
      ["execution_cancel", { executionId: otherRun }, "EXECUTION-002"],
      ["execution_retry", { executionId: otherRun }, "EXECUTION-002"],
      ["execution_signal", { executionId: otherRun, signal: "go", payload: {} }, "EXECUTION-002"]
    ]
    for (const [name, args, code] of calls) {
      expect([name, refusal(await client.callTool({ name, arguments: args }))["code"]]).toEqual([name, code])
    }
    expect(structured(await client.callTool({ name: "workflow_list", arguments: { name: "Other" } })).items).toEqual([])
    const byWorkflow = { name: "execution_list", arguments: { workflowId: other } }
    expect(structured(await client.callTool(byWorkflow)).items).toEqual([])
    expect(await protocolError(client.callTool({ name: "other", arguments: {} }), "other")).toEqual({
      code: -32602,
      message: "There is no tool NAME"
    })
    expect(structured(await client.callTool({ name: "own", arguments: {} })).status).toBe("completed")
    expect((await service.api("GET", `/api/executions?workflowId=${other}`)).json.items).toHaveLength(1)
    for (const uri of [`workflow://${other}`, `execution://${otherRun}`, `execution://${otherRun}/steps/delay`]) {
      await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32602 })
    }
    for (const uri of [`workflow://${own}`, `execution://${ownRun}`]) {
      expect((await client.readResource({ uri })).contents).toHaveLength(1)
    }
    await expect(client.getPrompt({ name: "review-workflow", arguments: { workflowId: other } })).rejects.toMatchObject(
      {
        code: -32602
      }
    )
  })

  it("finds the proposals of these alone, and completes their ids", async () => {
    const service = serve([], { MCP_REQUIRE_APPROVAL: "true" })
    const [own, other] = [await makeWorkflow(service, "Own"), await makeWorkflow(service, "Other")]
    const [ownProposal, otherProposal] = [await propose(service, own), await propose(service, other)]
    const client = await service.connect({ key: await makeKey(service, { scopes: ["read"], workflows: [own] }) })
    expect((await client.readResource({ uri: `proposal://${ownProposal}` })).contents).toHaveLength(1)
    await expect(client.readResource({ uri: `proposal://${otherProposal}` })).rejects.toMatchObject({ code: -32602 })
    const ref = { type: "ref/resource", uri: "proposal://{id}" } as const
    const { completion } = await client.complete({ ref, argument: { name: "id", value: "" } })
    expect(completion.values).toEqual([ownProposal])
    const ofB = await service.connect({ key: keys.b })
    await expect(ofB.readResource({ uri: `proposal://${ownProposal}` })).rejects.toMatchObject({ code: -32602 })
    expect((await ofB.complete({ ref, argument: { name: "id", value: "" } })).completion.values).toEqual([])
  })

  it("completes these alone", async () => {
    const { client, own, ownRun } = await make()
    for (
      const [ref, argument, expected] of [
        [{ type: "ref/prompt", name: "review-workflow" }, "workflowId", own],
        [{ type: "ref/prompt", name: "diagnose-execution" }, "executionId", ownRun],
        [{ type: "ref/resource", uri: "workflow://{id}" }, "id", own],
        [{ type: "ref/resource", uri: "execution://{id}" }, "id", ownRun],
        [{ type: "ref/resource", uri: "execution://{id}/steps/{step}" }, "id", ownRun]
      ] as const
    ) {
      const { completion } = await client.complete({ ref, argument: { name: argument, value: "" } })
      expect(completion.values).toEqual([expected])
    }
  })

  it("makes none", async () => {
    const { client, service } = await make()
    const created = client.callTool({ name: "workflow_create", arguments: { definition: { name: "New", steps } } })
    expect(await protocolError(created, "workflow_create")).toEqual({ code: -32602, message: "There is no tool NAME" })
    expect((await service.api("GET", "/api/workflows")).json.items).toHaveLength(2)
  })

  it("proposes none where changes wait for a person", async () => {
    const service = serve([], { MCP_REQUIRE_APPROVAL: "true" })
    const own = await makeWorkflow(service, "Own")
    const client = await service.connect({ key: await makeKey(service, { scopes: allScopes, workflows: [own] }) })
    const created = client.callTool({ name: "workflow_create", arguments: { definition: { name: "New", steps } } })
    expect(await protocolError(created, "workflow_create")).toEqual({ code: -32602, message: "There is no tool NAME" })
    expect((await service.api("GET", "/api/proposals")).json.items).toEqual([])
  })
})
