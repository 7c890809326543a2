import { describe, expect, it } from "vitest"
import { Limits } from "../../src/domain/Limits.ts"
import { keys, serve } from "./harness.ts"
import { eras } from "./Requests.ts"
import { ask, askTool, omittedIn, readJson } from "./Wire.ts"

type Service = ReturnType<typeof serve>

/** Text whose characters take more bytes than one, as JSON and as JSON inside of JSON. */
const nasty = (characters: number): string => "\u0001\"\\é\n".repeat(Math.ceil(characters / 5)).slice(0, characters)

const expression = (id: string, order: number, expression: string) => ({
  id,
  type: "transform",
  order,
  config: { operation: "expression", expression }
})

const makeWorkflow = async ({ api }: Service, members: object): Promise<string> => {
  const { json, status } = await api("POST", "/api/workflows", { tenantId: "tenant-a", name: "W", ...members })
  expect({ status, problems: json.issues }).toEqual({ status: 201, problems: undefined })
  return json.id
}

const run = async ({ api, handle }: Service, workflowId: string, inputs: object = {}) => {
  const response = await handle(
    new Request("http://service.test/api/executions", {
      method: "POST",
      headers: { "x-api-key": keys.a, "content-type": "application/json", prefer: "wait=25" },
      body: JSON.stringify({ workflowId, inputs })
    })
  )
  expect(response.status).toBe(201)
  const { id } = Object(await response.json())
  return (await api("GET", `/api/executions/${id}`)).json
}

const ids = (items: ReadonlyArray<{ readonly id: string }>) => items.map(({ id }) => id)

describe("the list of tools", () => {
  it.each(eras)("takes fewer than 25,000 bytes where no workflow is one: %s", async (era) => {
    const { bytes, result } = await ask(serve(), "tools/list", {}, { era })
    expect(result.tools).toHaveLength(16)
    expect(bytes).toBeLessThan(25_000)
  })

  it("says all of each tool that clients want to know", async () => {
    const { result } = await ask(serve(), "tools/list")
    const readOnly = ["list", "get", "validate", "wait", "logs", "explain", "read"]
    for (const { annotations, description, inputSchema, name, outputSchema, title } of result.tools) {
      expect(name).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
      const isReading = readOnly.includes(name.split("_")[1])
      expect({ name, title, description, inputSchema, outputSchema, annotations }).toMatchObject({
        name,
        title: expect.stringMatching(/\S/),
        description: expect.stringMatching(/.{30}/),
        inputSchema: { type: "object", properties: expect.any(Object), additionalProperties: false },
        outputSchema: { type: "object", properties: expect.any(Object) },
        annotations: isReading
          ? { readOnlyHint: true, openWorldHint: false }
          : { readOnlyHint: false, destructiveHint: name !== "workflow_create", idempotentHint: false }
      })
      expect(JSON.stringify([inputSchema, outputSchema])).not.toContain("$ref")
    }
  })
})

describe("the schema of workflow_create", () => {
  it("asks for no tenant, which the key may tell", async () => {
    const { result } = await ask(serve(), "tools/list")
    const { inputSchema } = result.tools.find(({ name }: { readonly name: string }) => name === "workflow_create")
    expect(inputSchema.properties.definition).toMatchObject({
      required: ["name", "steps"],
      properties: {
        tenantId: { type: "string" },
        steps: { type: "array", items: { required: ["id", "type", "order", "config"] } }
      }
    })
  })
})

describe("a workflow", () => {
  it("with a huge definition is told in part, and its resource has the whole", async () => {
    const service = serve()
    const steps = Array.from(
      { length: 1_000 },
      (_, index) => expression(`step-${index}`, index, `"${"x".repeat(500)}"`)
    )
    const id = await makeWorkflow(service, { name: nasty(200), description: nasty(4_096), steps })
    const { answer, links } = await askTool(service, "workflow_get", { workflowId: id })
    expect(links).toEqual([`workflow://${id}`])
    expect(answer.untrusted.definition.steps).toEqual({
      omittedBytes: Buffer.byteLength(JSON.stringify(steps)),
      resource: `workflow://${id}`
    })
    expect(answer.untrusted.definition.description).toBe(nasty(4_096))
    expect((await readJson(service, `workflow://${id}`)).untrusted.definition.steps).toEqual(steps)
    const asked = await askTool(service, "workflow_get", { workflowId: id, fields: ["name"] })
    expect(asked.answer.untrusted.definition).toEqual({ name: nasty(200) })
    expect(asked.links).toEqual([])
  })

  it("of 1,000 steps is validated: what its plan is, is told elsewhere", async () => {
    const steps = Array.from({ length: 1_000 }, (_, index) => expression(`${"s".repeat(50)}-${index}`, index, "1"))
    const { answer } = await askTool(serve(), "workflow_validate", { definition: { name: "W", steps } })
    expect(answer).toMatchObject({ valid: true, issuesInAll: 0 })
    expect(answer.plan).toBeUndefined()
    const small = await askTool(serve(), "workflow_validate", { definition: { name: "W", steps: steps.slice(0, 3) } })
    expect(small.answer.plan).toBeDefined()
  })

  it.each(["workflow_validate", "workflow_create"])(
    "with 1,000 problems: %s tells some, and how many",
    async (name) => {
      const steps = Array.from({ length: 1_000 }, (_, index) => ({
        ...expression(`step-${index}`, index, "1"),
        [nasty(300)]: 1
      }))
      const { answer, isError } = await askTool(serve(), name, { definition: { name: "W", steps } })
      expect(isError).toBe(name === "workflow_create")
      expect(answer.issues.length).toBeGreaterThan(10)
      expect(answer.issues[0].path.slice(0, 2)).toEqual(["steps", 0])
      const inAll = name === "workflow_create" ? answer.issues.length + answer.furtherIssues : answer.issuesInAll
      expect(inAll).toBe(1_000)
    }
  )

  it.each([
    ["workflow_validate", { definition: { [nasty(200_000)]: 1 } }],
    ["workflow_create", { definition: { [nasty(200_000)]: 1 } }],
    ["workflow_list", { [nasty(200_000)]: 1 }],
    ["execution_get", { executionId: nasty(200_000) }]
  ])("%s tells of a text of any length that it is wrong", async (name, args) => {
    const { isError } = await askTool(serve(), name, args)
    expect(isError).toBe(name !== "workflow_validate")
  })
})

describe("lists", () => {
  it("of 100 workflows with long names and descriptions go on at the cursor", async () => {
    const service = serve()
    const made: Array<string> = []
    for (let index = 0; index < 100; index++) {
      made.push(
        await makeWorkflow(service, {
          name: nasty(200),
          description: nasty(4_096),
          steps: [expression("a", 1, "1")]
        })
      )
    }
    const found: Array<string> = []
    let cursor: string | null = null
    let pages = 0
    do {
      const args: Record<string, unknown> = { limit: 100, ...(cursor === null ? {} : { cursor }) }
      const { answer } = await askTool(service, "workflow_list", args)
      expect(answer.items.length).toBeGreaterThan(0)
      found.push(...ids(answer.items))
      cursor = answer.nextCursor
      pages++
    } while (cursor !== null)
    expect(found).toEqual(made.toReversed())
    expect(pages).toBeGreaterThan(1)
  })

  it("of executions with huge inputs and outputs tell neither, and go on at the cursor", async () => {
    const service = serve()
    const workflowId = await makeWorkflow(service, {
      steps: [expression("a", 1, "1")],
      outputs: { big: "{{ inputs.big }}" }
    })
    const made: Array<string> = []
    for (let index = 0; index < 100; index++) made.push((await run(service, workflowId, { big: nasty(5_000) })).id)
    const first = await askTool(service, "execution_list", { limit: 100 })
    const found = [...first.answer.items]
    for (let cursor = first.answer.nextCursor; cursor !== null;) {
      const { answer } = await askTool(service, "execution_list", { limit: 100, cursor })
      found.push(...answer.items)
      cursor = answer.nextCursor
    }
    expect(ids(found)).toEqual(made.toReversed())
  })

  it("of what was logged go on at the cursor", async () => {
    const service = serve()
    const loop = {
      id: "loop",
      type: "for-each",
      order: 1,
      config: {
        items: "[1..80]",
        concurrency: 50,
        continueOnError: true,
        steps: [{ id: "no", type: "fail", order: 1, config: { message: nasty(2_000) } }]
      }
    }
    const workflowId = await makeWorkflow(service, { steps: [loop] })
    const { id } = await run(service, workflowId)
    const { json } = await service.api("GET", `/api/executions/${id}/logs?limit=100`)
    const all = [...json.items]
    for (let next = json.nextCursor; next !== null;) {
      const { json } = await service.api("GET", `/api/executions/${id}/logs?limit=100&cursor=${next}`)
      all.push(...json.items)
      next = json.nextCursor
    }
    const found: Array<unknown> = []
    for (let cursor: string | null | undefined = undefined; cursor !== null;) {
      const args: Record<string, unknown> = { executionId: id, limit: 100, ...(cursor === undefined ? {} : { cursor }) }
      const { answer } = await askTool(service, "execution_logs", args)
      found.push(...answer.items)
      cursor = answer.nextCursor
    }
    expect(found).toEqual(
      all.map(({ data, message, ...entry }) => ({
        ...entry,
        untrusted: { message, ...(data === undefined ? {} : { data }) }
      }))
    )
  })
})

describe("an execution", () => {
  const everything = ["steps", "inputs", "outputs", "stepOutputs", "error"]

  it("with huge data is told in part, and its resources have the whole", async () => {
    const service = serve()
    const big = nasty(100_000)
    const workflowId = await makeWorkflow(service, {
      steps: [expression("a", 1, "inputs.big"), expression("b", 2, "[input, 1]"), expression("c", 3, "\"small\"")],
      outputs: { big: "{{ inputs.big }}" }
    })
    const execution = await run(service, workflowId, { big })
    const { answer, links } = await askTool(service, "execution_get", { executionId: execution.id, fields: everything })
    expect(answer.untrusted.stepOutputs.c).toBe("small")
    const [whole, a, b] = [
      `execution://${execution.id}`,
      `execution://${execution.id}/steps/a`,
      `execution://${execution.id}/steps/b`
    ] as const
    expect([...links].sort()).toEqual([whole, a, b].sort())
    expect(omittedIn(answer).map(({ resource }) => resource).sort()).toEqual([whole, whole, a, b].sort())
    expect((await readJson(service, whole)).untrusted).toMatchObject({ inputs: { big }, outputs: { big } })
    expect((await readJson(service, a)).untrusted.output).toBe(big)
    expect((await readJson(service, b)).untrusted.output).toEqual([big, 1])
  })

  it("of a loop with 2,000 rounds tells the steps that failed first, and its resource all of them", async () => {
    const service = serve()
    const inner = {
      id: "x",
      type: "condition",
      order: 1,
      config: {
        if: "item = 1999",
        then: [{ id: "no", type: "fail", order: 1, config: { message: nasty(2_000) } }]
      }
    }
    const workflowId = await makeWorkflow(service, {
      steps: [{
        id: "loop",
        type: "for-each",
        order: 1,
        config: { items: "[1..2000]", concurrency: 50, steps: [inner] }
      }]
    })
    const execution = await run(service, workflowId)
    expect(execution.status).toBe("failed")
    const { answer } = await askTool(service, "execution_get", { executionId: execution.id, fields: everything })
    expect(answer.stepsInAll).toBe(execution.steps.length)
    expect(answer.stepsInAll).toBeGreaterThan(2_000)
    const paths = (steps: ReadonlyArray<{ readonly path: string }>) => steps.map(({ path }) => path)
    expect(paths(answer.steps)).toEqual(expect.arrayContaining(["loop", "loop[1998].x", "loop[1998].x.then.no"]))
    const whole = await readJson(service, `execution://${execution.id}`)
    expect(whole.steps).toHaveLength(answer.stepsInAll)
    const explained = await askTool(service, "execution_explain", { executionId: execution.id })
    expect(explained.answer.step.type).toBe("fail")
  })

  it("that waits for 50 signals at deep places tells of some", async () => {
    const service = serve()
    const inside = (depth: number): object =>
      depth === 0
        ? {
          id: "w".repeat(64),
          type: "wait-for-event",
          order: 1,
          config: { signal: "s".repeat(64) }
        }
        : {
          id: "d".repeat(63) + String(depth),
          type: "condition",
          order: 1,
          config: { if: "true", then: [inside(depth - 1)] }
        }
    const workflowId = await makeWorkflow(service, {
      steps: [{
        id: "loop",
        type: "for-each",
        order: 1,
        config: { items: "[1..50]", concurrency: 50, steps: [inside(8)] }
      }]
    })
    const { json } = await service.api("POST", "/api/executions", { workflowId })
    const { answer } = await askTool(service, "execution_wait", { executionId: json.id, waitSeconds: 1 })
    expect(answer.waitingFor.length).toBeGreaterThan(0)
    expect(answer.waitingFor.length).toBeLessThan(50)
    expect(answer.stepsInAll).toBeGreaterThan(answer.steps.length)
    expect((await readJson(service, `execution://${json.id}`)).steps).toHaveLength(answer.stepsInAll)
  })

  it("that differs from the last success in a thousand places is explained by some of them", async () => {
    const service = serve()
    const step = (index: number, text: string) => expression(`${"s".repeat(50)}-${index}`, index, `"${text}"`)
    const many = (text: string) => Array.from({ length: 900 }, (_, index) => step(index, text))
    const workflowId = await makeWorkflow(service, { steps: many("a") })
    await run(
      service,
      workflowId,
      Object.fromEntries(Array.from({ length: 500 }, (_, index) => [nasty(500) + index, 1]))
    )
    const fail = { id: "no", type: "fail", order: 1_000, config: { message: nasty(2_000) } }
    await service.api("PUT", `/api/workflows/${workflowId}`, { steps: [...many("b"), fail] })
    const failed = await run(service, workflowId, { [nasty(50_000)]: 1 })
    const { answer } = await askTool(service, "execution_explain", { executionId: failed.id })
    expect(answer.lastSuccess.workflowVersion).toEqual({ then: 1, now: 2 })
    const { inputs, notShown, outcomes, steps } = answer.untrusted.differences
    expect(steps.changed.length).toBeGreaterThan(0)
    expect(inputs.length).toBeGreaterThan(0)
    const shown = steps.added.length + steps.removed.length + steps.changed.length + inputs.length + outcomes.length
    // 900 changed steps and one that is new and failed, 500 inputs that are gone and one that is new.
    expect(shown + notShown).toBe(900 + 1 + 1 + 500 + 1)
  })

  it("that failed with a huge answer is explained without it, and its step's resource has it", async () => {
    const body = { text: nasty(20_000) }
    const service = serve([{ url: /.*/, respond: { status: 400, body } }])
    const call = {
      id: "call",
      type: "http-request",
      order: 1,
      config: { url: `https://api.example.com/${"u".repeat(3_000)}`, method: "POST", body: { text: nasty(60_000) } }
    }
    const workflowId = await makeWorkflow(service, { steps: [call] })
    const failed = await run(service, workflowId)
    const { answer, links } = await askTool(service, "execution_explain", { executionId: failed.id })
    expect(answer).toMatchObject({ status: "failed", step: { path: "call" } })
    const { resource } = answer.untrusted.definition
    expect(resource).toBe(`workflow://${workflowId}`)
    expect(links).toContain(resource)
    expect((await readJson(service, resource)).untrusted.definition.steps).toEqual([call])
    for (const { resource } of omittedIn(answer)) await readJson(service, resource)
  })

  it("that failed with a huge message is explained by its beginning, and the log has no more of it", async () => {
    const service = serve()
    const call = {
      id: "call",
      type: "http-request",
      order: 1,
      config: { url: "https://api.example.com/", query: "{{ inputs }}" }
    }
    const workflowId = await makeWorkflow(service, { steps: [call] })
    const failed = await run(service, workflowId, { [nasty(70_000)]: [] })
    const { answer } = await askTool(service, "execution_explain", { executionId: failed.id })
    expect(answer).toMatchObject({ errorCode: "invalid-config", step: { path: "call" } })
    expect(answer.untrusted.message).toHaveLength(2_000)
    expect(failed.steps[0].error.message).toBe(answer.untrusted.message)
    const { json } = await service.api("GET", `/api/executions/${failed.id}/logs`)
    for (const { data } of json.items) expect(data?.message?.length ?? 0).toBeLessThanOrEqual(2_000)
  })

  it("that an agent runs answers in part if its outputs are huge, by any tool that runs it", async () => {
    const service = serve()
    const workflowId = await makeWorkflow(service, {
      triggers: [{ type: "mcp", tool: "huge" }],
      steps: [expression("a", 1, "inputs.big")],
      outputs: { big: "{{ inputs.big }}", small: "{{ 1 }}" }
    })
    const inputs = { big: nasty(60_000) }
    for (
      const [name, args] of [["workflow_execute", { workflowId, inputs }], ["huge", inputs]] as const
    ) {
      const { answer, links } = await askTool(service, name, args)
      expect(answer.status).toBe("completed")
      expect(links).toEqual([answer.untrusted.outputs.resource])
      expect((await readJson(service, links[0] ?? "")).untrusted.outputs).toEqual({ ...inputs, small: 1 })
    }
  })
})

describe("a change that waits for a person", () => {
  it("of 1,000 steps is told in short, and where it is told in full", async () => {
    const service = serve([], { MCP_REQUIRE_APPROVAL: "true" })
    const steps = Array.from({ length: 1_000 }, (_, index) => expression(`${"s".repeat(50)}-${index}`, index, "1"))
    const { answer } = await askTool(service, "workflow_create", { definition: { name: nasty(200), steps } })
    expect(answer.stored).toBe(false)
    expect(answer.untrusted.diff).toBeUndefined()
    expect(answer.note).toContain(`GET /api/proposals/${answer.proposal.id}`)
    const { json } = await service.api("GET", `/api/proposals/${answer.proposal.id}`)
    expect(json.diff.steps.added).toHaveLength(Limits.steps)
    const uri = `proposal://${answer.proposal.id}`
    const { status, untrusted } = await readJson(service, uri)
    expect([status, untrusted.name]).toEqual(["open", json.name])
    expect([untrusted.diff, untrusted.definition]).toEqual([json.diff, json.definition])
  })
})
