import { describe, expect, it } from "vitest"
import { Limits } from "../../src/domain/Limits.ts"
import { keys, serve } from "./harness.ts"
import { askTool } from "./Wire.ts"

type Service = ReturnType<typeof serve>

const steps = [{ id: "a", type: "transform", order: 1, config: { operation: "expression", expression: "inputs" } }]

const makeWorkflow = async ({ api }: Service, members: object = {}) => {
  const { json, status } = await api("POST", "/api/workflows", { tenantId: "tenant-a", name: "W", steps, ...members })
  expect(status).toBe(201)
  return String(json.id)
}

const read = async (service: Service, args: Readonly<Record<string, unknown>>, key: string = keys.a) =>
  (await askTool(service, "resource_read", args, { key })).answer

/** A text part by part, and how many there were. */
const whole = async (service: Service, uri: string) => {
  let text = ""
  let parts = 0
  for (let offset: number | null = 0; offset !== null; parts++) {
    const { answer, bytes } = await askTool(service, "resource_read", { uri, offset }, { key: keys.a })
    expect(bytes).toBeLessThanOrEqual(Limits.toolAnswerBytes)
    text += answer.untrusted.text
    offset = answer.nextOffset
  }
  return { text, parts }
}

describe("resource_read", () => {
  it("gives the language in parts, to the letter", async () => {
    const service = serve()
    const client = await service.connect()
    const [content] = (await client.readResource({ uri: "docs://workflow-language" })).contents
    const { parts, text } = await whole(service, "docs://workflow-language")
    expect(content !== undefined && "text" in content ? content.text : undefined).toBe(text)
    expect(parts).toBeGreaterThan(1)
  })

  it("gives an output that no answer has room for, whatever it is written with", async () => {
    const service = serve()
    const id = await makeWorkflow(service)
    const inputs = { text: "😀\u0001\"日".repeat(12_000) }
    const { json } = await service.api("POST", "/api/executions", { workflowId: id, inputs })
    const uri = `execution://${json.id}`
    const { text } = await whole(service, uri)
    expect(JSON.parse(text).untrusted.inputs).toEqual(inputs)
  })

  it("tells what kind of text it is, and whether more follows", async () => {
    const service = serve()
    const id = await makeWorkflow(service)
    expect(await read(service, { uri: `workflow://${id}` })).toMatchObject({
      mimeType: "application/json",
      nextOffset: null
    })
    expect(await read(service, { uri: "docs://workflow-language" })).toMatchObject({ mimeType: "text/markdown" })
  })

  it("knows nothing that the key may not read, and no place behind the end", async () => {
    const service = serve()
    const id = await makeWorkflow(service)
    const unknown = [{ path: ["uri"], message: "names no resource that this key may read" }]
    for (const uri of [`workflow://${id}`, "workflow://none", "execution://none", "docs://none", "", "file:///etc"]) {
      expect(await read(service, { uri }, keys.b)).toMatchObject({ code: "REQUEST-001", issues: unknown })
    }
    const { length } = (await read(service, { uri: `workflow://${id}` })).untrusted.text
    expect(await read(service, { uri: `workflow://${id}`, offset: length - 1 })).toMatchObject({
      nextOffset: null,
      untrusted: { text: "}" }
    })
    expect(await read(service, { uri: `workflow://${id}`, offset: length })).toMatchObject({
      code: "REQUEST-001",
      issues: [{ path: ["offset"], message: `must be less than ${length}, the length of the text` }]
    })
    expect(await read(service, { uri: `workflow://${id}`, offset: -1 })).toMatchObject({ code: "REQUEST-001" })
  })
})
