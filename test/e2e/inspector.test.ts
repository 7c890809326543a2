import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { workflowOf } from "./harness/Answers.ts"
import { clientOf } from "./harness/Client.ts"
import { callStep, definition } from "./harness/Definitions.ts"
import { Inspector } from "./harness/Inspector.ts"
import { operatorKey, Service } from "./harness/Service.ts"

let service: Service
let inspector: Inspector
let workflowId: string

beforeAll(async () => {
  service = await Service.start()
  inspector = new Inspector(`${service.url}/mcp`, operatorKey)
  const body = definition("tenant-a", "Inspected", [callStep("only", 1, "https://example.test/")])
  workflowId = workflowOf(await clientOf(service, operatorKey)("POST", "/api/workflows", { body }), 201).id
})
afterAll(async () => {
  inspector?.dispose()
  await service?.dispose()
})

describe.each(["modern", "legacy"])("the Inspector, as a %s client", (era) => {
  test("lists the tools, and finds no error in their schemas", async () => {
    const json = await inspector.call(era, "tools/list", "--strict")
    expect(json).toMatchObject({ tools: expect.arrayContaining([expect.objectContaining({ name: "workflow_list" })]) })
  })

  test("calls a tool", async () => {
    const args = ["--tool-name", "workflow_get", "--tool-arg", `workflowId=${workflowId}`]
    const json = await inspector.call(era, "tools/call", ...args)
    expect(json).toMatchObject({
      structuredContent: { id: workflowId, version: 1, untrusted: { definition: { name: "Inspected" } } }
    })
    expect(json).not.toHaveProperty("isError")
  })

  test("lists the resources, and the templates of others", async () => {
    const listed = await inspector.call(era, "resources/list")
    expect(listed).toMatchObject({ resources: [{ uri: "docs://workflow-language" }, { uri: "schema://workflow" }] })
    const templates = await inspector.call(era, "resources/templates/list")
    const fit = expect.arrayContaining([expect.objectContaining({ uriTemplate: "workflow://{id}" })])
    expect(templates).toMatchObject({ resourceTemplates: fit })
  })

  test("reads a resource", async () => {
    const uri = "docs://workflow-language"
    const json = await inspector.call(era, "resources/read", "--uri", uri)
    expect(json).toMatchObject({ contents: [{ uri, text: expect.stringContaining("# The workflow language") }] })
  })

  test("lists the prompts", async () => {
    const json = await inspector.call(era, "prompts/list")
    const known = expect.arrayContaining([expect.objectContaining({ name: "author-workflow" })])
    expect(json).toMatchObject({ prompts: known })
  })
})
