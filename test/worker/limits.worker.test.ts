import { describe, expect, it, vi } from "vitest"
import { jsonBytes } from "../../src/domain/Json.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { Workflow } from "../../src/domain/Workflow.ts"
import { call, keys, read, worker } from "./Service.ts"
import { askedOfUpstream, upstreamAnswers } from "./Upstream.ts"
import {
  createWorkflow,
  execute,
  getExecution,
  listExecutions,
  listWorkflows,
  startCall,
  stepsOf
} from "./Workflows.ts"

const texts = [
  { title: "ASCII", character: "x", width: 1 },
  { title: "characters of 4 bytes", character: "😀", width: 4 }
]

vi.setConfig({ testTimeout: 60_000 })

/** A text of exactly so many bytes in UTF-8, mostly of this character. */
const textOf = (bytes: number, { character, width }: { readonly character: string; readonly width: number }): string =>
  character.repeat(Math.floor(bytes / width)) + "x".repeat(bytes % width)

/** A step that adds a text to its input. */
const setStep = (text: string, id = "set", order = 1) => ({
  id,
  type: "transform",
  order,
  config: { operation: "set", values: { text } }
})

/** The value that this makes of a text, with the text that makes its JSON exactly so large. */
const filled = <A>(make: (text: string) => A, bytes: number, kind: (typeof texts)[number]): A =>
  make(textOf(bytes - jsonBytes(JSON.parse(JSON.stringify(make("")))), kind))

describe("steps", () => {
  it("a workflow of 1,000 steps is saved and runs; one of 1,001 is not", async () => {
    upstreamAnswers()
    const { id } = await createWorkflow(worker, stepsOf(Limits.steps))
    const run = await execute(worker, id, { wait: 25 })
    expect(run.status).toBe("completed")
    expect(run.steps.length).toBe(1_000)
    expect(run.steps.every(({ status }) => status === "completed")).toBe(true)
    expect(run.outputs).toEqual({ "filter-999": [{ id: 1, name: "one", active: true }] })
    expect(askedOfUpstream().length).toBe(1)
    expect((await getExecution(worker, run.id)).steps).toEqual(run.steps)

    const body = { tenantId: "tenant-a", name: "One too many", steps: stepsOf(Limits.steps + 1) }
    expect((await call(worker, "POST", "/api/workflows", { body })).status).toBe(400)
  })
})

describe.each(texts)("requests of 1 MiB, of $title", (kind) => {
  const workflow = (text: string) => ({ tenantId: "tenant-a", name: "Large", steps: [setStep(text)] })

  it("a workflow is saved, read back, and runs", async () => {
    const body = filled(workflow, Limits.requestBodyBytes, kind)
    const { id, steps } = await read(Workflow, 201, call(worker, "POST", "/api/workflows", { body }))
    expect(steps).toEqual(body.steps)
    expect((await read(Workflow, 200, call(worker, "GET", `/api/workflows/${id}`))).steps).toEqual(body.steps)
    const run = await execute(worker, id, { wait: 25 })
    expect(run.status).toBe("completed")
    expect(run.outputs).toEqual({ set: body.steps[0]?.config.values })
    expect(
      (await call(worker, "POST", "/api/workflows", {
        body: filled(workflow, Limits.requestBodyBytes + 1, kind)
      })).status
    ).toBe(413)
  })

  it("inputs are stored, given to the steps, and read back", async () => {
    const { id } = await createWorkflow(worker, [setStep("short")])
    const start = (text: string) => ({ workflowId: id, inputs: { input: text } })
    const { inputs } = filled(start, Limits.requestBodyBytes, kind)
    const run = await execute(worker, id, { inputs, wait: 25 })
    expect(run.status).toBe("completed")
    const stored = await getExecution(worker, run.id)
    expect(stored.inputs).toEqual(inputs)
    expect(stored.outputs).toEqual({ set: { ...inputs, text: "short" } })
    const [listed] = (await listExecutions(worker, `?workflowId=${id}`)).items
    expect(listed?.inputs).toEqual(inputs)
    const tooLarge = filled(start, Limits.requestBodyBytes + 1, kind)
    expect((await startCall(worker, id, tooLarge)).status).toBe(413)
  })
})

describe.each(texts)("outputs of $title", (kind) => {
  it.each([
    { bytes: Limits.outputsInlineBytes, inList: true },
    { bytes: Limits.outputsInlineBytes + 1, inList: false }
  ])("of $bytes bytes come back; in lists: $inList", async ({ bytes, inList }) => {
    const outputs = filled((text) => ({ set: { text } }), bytes, kind)
    const { id } = await createWorkflow(worker, [setStep(outputs.set.text)])
    const run = await execute(worker, id, { wait: 25 })
    expect(run.outputs).toEqual(outputs)
    expect((await getExecution(worker, run.id)).outputs).toEqual(outputs)
    const [listed] = (await listExecutions(worker, `?workflowId=${id}`)).items
    expect(listed?.status).toBe("completed")
    expect(listed?.outputs).toEqual(inList ? outputs : null)
  })

  it.each([
    { bytes: Limits.stepOutputBytes, code: null },
    { bytes: Limits.stepOutputBytes + 1, code: "output-too-large" }
  ])("a step's output of $bytes bytes ends with $code", async ({ bytes, code }) => {
    const fixed = textOf(Limits.stepOutputBytes / 2, kind)
    const { id } = await createWorkflow(worker, [setStep(fixed)])
    const { input } = filled((text) => ({ input: text, text: fixed }), bytes, kind)
    const run = await execute(worker, id, { inputs: { input }, wait: 25 })
    expect([run.status, run.error?.code ?? null]).toEqual([code === null ? "completed" : "failed", code])
    const stored = await getExecution(worker, run.id)
    expect(stored.error).toEqual(run.error)
    expect(stored.outputs).toEqual(code === null ? { set: { input, text: fixed } } : null)
  })
})

describe("a list of large workflows", () => {
  it("ends a page before 4 MiB, and goes on behind its cursor without loss", async () => {
    const name = "In a long list"
    const ids: Array<string> = []
    for (let index = 0; index < 6; index++) {
      const body = filled(
        (text) => ({ tenantId: "tenant-a", name, steps: [setStep(text)] }),
        Limits.requestBodyBytes,
        texts[index % 2] ?? texts[0] ?? { title: "", character: "x", width: 1 }
      )
      ids.unshift((await read(Workflow, 201, call(worker, "POST", "/api/workflows", { body }))).id)
    }
    const query = `?limit=100&name=${encodeURIComponent(name)}`
    const first = await listWorkflows(worker, query)
    expect(first.items.map(({ id }) => String(id))).toEqual(ids.slice(0, 4))
    const second = await listWorkflows(worker, `${query}&cursor=${first.nextCursor}`)
    expect(second.items.map(({ id }) => String(id))).toEqual(ids.slice(4))
    expect(second.nextCursor).toBeNull()
    expect((await call(worker, "GET", `/api/workflows${query}`, { key: keys.b })).status).toBe(200)
  })
})
