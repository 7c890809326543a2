import { createHmac } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  acceptedOf,
  deliveriesOf,
  deliveryOf,
  executionOf,
  executionsOf,
  problemOf,
  webhookOf,
  workflowOf
} from "./harness/Answers.ts"
import type { Answer, Client, Content } from "./harness/Client.ts"
import { clientOf, send } from "./harness/Client.ts"
import { definition } from "./harness/Definitions.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"

const burst = 500
const sendersAtOnce = 25
/** When the service is killed: so many deliveries were answered. */
const answeredBefore = 200
const recoverySeconds = 40

const signingSecret = "a secret that signs"
const json = { "content-type": "application/json" }
const setStep = (values: unknown) => ({ id: "only", type: "transform", order: 1, config: { operation: "set", values } })

let service: Service
let api: Client

beforeAll(async () => {
  service = await Service.start({ SECRETS_KEY: Buffer.alloc(32, 7).toString("base64") })
  api = clientOf(service, operatorKey)
  const secret = await api("PUT", "/api/secrets/HOOK?tenantId=tenant-a", { body: { value: signingSecret } })
  expect(secret.status).toBe(201)
})
afterAll(() => service?.dispose())

const create = async (name: string, trigger: unknown, more: Readonly<Record<string, unknown>> = {}) => {
  const body = { ...definition("tenant-a", name, [setStep({ seen: "{{ trigger }}" })]), triggers: [trigger], ...more }
  const { id } = workflowOf(await api("POST", "/api/workflows", { body }), 201)
  return { id, ...webhookOf(await api("GET", `/api/workflows/${id}/webhook`)) }
}

/** Sends without a key, as other services do. */
const post = (path: string, content: Content) => send(service.url, "POST", path, content)

const told = (answer: Answer) => {
  const { requestId: _, ...problem } = problemOf(answer)
  return problem
}

const idsOf = async (workflowId: string, status = "") => {
  const ids = new Set<string>()
  let cursor = ""
  do {
    const page: ReturnType<typeof executionsOf> = executionsOf(
      await api("GET", `/api/executions?workflowId=${workflowId}&limit=100${status}${cursor}`)
    )
    for (const { id } of page.items) ids.add(id)
    cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`
  } while (cursor !== "")
  return ids
}
const countOf = async (workflowId: string, status = "") => (await idsOf(workflowId, status)).size

describe("a signed webhook", () => {
  const signed = (
    body: string,
    members: { readonly id?: string; readonly late?: number; readonly secret?: string } = {}
  ) => {
    const { id = "msg_1", late = 0, secret = signingSecret } = members
    const at = Math.floor(Date.now() / 1_000) - late
    const signature = createHmac("sha256", secret).update(`${id}.${at}.${body}`).digest("base64")
    return { ...json, "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": `v1,${signature}` }
  }
  const body = "{\"order\": 7}"
  const without = (name: string) => Object.fromEntries(Object.entries(signed(body)).filter(([other]) => other !== name))

  test("lets in what is signed, and refuses the rest without a word about which part was wrong", async () => {
    const { id, path } = await create("Signed", { type: "webhook", secret: "HOOK" })
    const refusals: Readonly<Record<string, Content>> = {
      "a tampered body": { raw: `${body} `, headers: signed(body) },
      "an old time": { raw: body, headers: signed(body, { late: 310 }) },
      "a time to come": { raw: body, headers: signed(body, { late: -310 }) },
      "a wrong secret": { raw: body, headers: signed(body, { secret: "another secret" }) },
      "another id": { raw: body, headers: { ...signed(body), "webhook-id": "msg_2" } },
      "no id": { raw: body, headers: without("webhook-id") },
      "no time": { raw: body, headers: without("webhook-timestamp") },
      "no signature": { raw: body, headers: without("webhook-signature") }
    }
    for (const [title, content] of Object.entries(refusals)) {
      const answer = await post(path, content)
      expect({ ...told(answer), case: title }).toMatchObject({ case: title, status: 401, code: "TRIGGER-001" })
      expect(told(answer)).toEqual(told(await post(path, {})))
    }
    expect(service.output).toContain("no signature matches")
    expect(service.output).toContain("time out of bounds")
    expect(service.output).not.toContain(signingSecret)
    expect(await countOf(id)).toBe(0)

    const first = await post(path, { raw: body, headers: signed(body) })
    const { deliveryId, executionId } = acceptedOf(first, 202)
    expect(first.headers["location"]).toBe(`/api/executions/${executionId}`)
    const replay = await post(path, { raw: body, headers: signed(body) })
    expect([replay.status, replay.json]).toEqual([202, first.json])
    await until("it is completed", 20, async () => await countOf(id, "&status=completed") === 1)
    const execution = executionOf(await api("GET", `/api/executions/${executionId}`))
    expect(execution).toMatchObject({
      trigger: "webhook",
      inputs: { order: 7 },
      outputs: { only: { seen: { deliveryId } } }
    })
    expect(await countOf(id)).toBe(1)

    const of = `/api/workflows/${id}/deliveries`
    expect(deliveriesOf(await api("GET", of)).items).toMatchObject([{ id: deliveryId, key: "msg_1", executionId }])
    const delivery = deliveryOf(await api("GET", `${of}/${deliveryId}`))
    expect(delivery).toMatchObject({ body, headers: { "webhook-signature": "[redacted]" } })
    const again = acceptedOf(await api("POST", `${of}/${deliveryId}/redeliver`), 202)
    expect(again.executionId).not.toBe(executionId)
  })
})

describe("a webhook with a token", () => {
  test("is hidden from others, and gone at once when its owner says so", async () => {
    const { id, path } = await create("Token", "webhook")
    const hidden = async (at: string) => told(await post(at, { body: {} }))
    const nothing = await hidden("/hooks/unknown")
    expect(nothing).toMatchObject({ status: 404, code: "REQUEST-001" })
    acceptedOf(await post(path, { body: {} }), 202)
    for (const at of [`/hooks/${id}`, `/hooks/${id}/wrong`, `${path}x`]) expect(await hidden(at)).toEqual(nothing)
    const rotated = webhookOf(await api("POST", `/api/workflows/${id}/webhook/rotate`))
    expect(await hidden(path)).toEqual(nothing)
    acceptedOf(await post(rotated.path, { body: {} }), 202)
    for (
      const [method, members] of [["PUT", { status: "inactive" }], ["PUT", { status: "active", triggers: [] }], [
        "DELETE",
        undefined
      ]] as const
    ) {
      await api(method, `/api/workflows/${id}`, members === undefined ? {} : { body: members })
      expect(await hidden(rotated.path)).toEqual(nothing)
    }
  })

  test("refuses what it can't read, and keeps what does not fit", async () => {
    const inputSchema = { type: "object", required: ["order"] }
    const { id, path } = await create("Strict", "webhook", { inputSchema })
    const cases = [
      [413, "REQUEST-001", { raw: "x".repeat(1_048_577), headers: { "content-type": "text/plain" } }],
      [415, "REQUEST-001", { raw: "x", headers: { "content-type": "image/png" } }],
      [400, "TRIGGER-002", { raw: "{", headers: json }],
      [400, "EXECUTION-003", { body: { other: 1 } }]
    ] as const
    for (const [status, code, content] of cases) {
      expect(problemOf(await post(path, content))).toMatchObject({ status, code })
    }
    expect(deliveriesOf(await api("GET", `/api/workflows/${id}/deliveries`)).items).toMatchObject([{
      status: "failed"
    }])
    acceptedOf(
      await post(path, { raw: "order=7", headers: { "content-type": "application/x-www-form-urlencoded" } }),
      202
    )
  })

  test("answers with the result where it is told to", async () => {
    const trigger = { type: "webhook", respond: "result", inputs: "{ 'n': trigger.body.n * 2 }" }
    const good = await create("Result", trigger, { outputs: { doubled: "inputs.n" } })
    const answer = await post(good.path, { body: { n: 21 } })
    expect([answer.status, answer.json]).toEqual([200, { doubled: 42 }])
    const steps = [{ id: "stop", type: "fail", order: 1, config: { message: "No stock", code: "no-stock" } }]
    const bad = await create("No result", trigger, { steps })
    const problem = problemOf(await post(bad.path, { body: { n: 1 } }))
    expect(problem).toMatchObject({ status: 502, code: "TRIGGER-003" })
    expect(problem.detail).toContain("no-stock: No stock")
  })
})

describe(`${burst} deliveries in a burst, when the service is killed`, () => {
  test("each that was answered has one execution, and so has each that is sent again", async () => {
    const { id, path } = await create("Burst", "webhook")
    const answers = new Map<string, ReturnType<typeof acceptedOf>>()
    const keys = Array.from({ length: burst }, (_, index) => `delivery-${index}`)
    /** Sends what was not answered yet, until the service is gone. */
    const sendAll = async (onAnswer: () => void) => {
      const left = keys.filter((key) => !answers.has(key))
      const sender = async () => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) {
          const headers = { "webhook-id": key }
          const answer = await post(path, { body: { key }, headers }).catch(() => undefined)
          if (answer === undefined) return
          answers.set(key, acceptedOf(answer, 202))
          onAnswer()
        }
      }
      await Promise.all(Array.from({ length: sendersAtOnce }, sender))
    }

    let killed: Promise<unknown> | undefined
    await sendAll(() => {
      if (answers.size >= answeredBefore) killed ??= service.kill()
    })
    await killed
    const before = new Map(answers)
    expect(before.size).toBeGreaterThanOrEqual(answeredBefore)
    expect(before.size).toBeLessThan(burst)

    await service.start()
    await until("those that were answered are completed", recoverySeconds, async () => {
      const completed = await idsOf(id, "&status=completed")
      return [...before.values()].every(({ executionId }) => completed.has(executionId))
    })
    await sendAll(() => {})
    expect(answers.size).toBe(burst)
    for (const [key, answer] of before) expect(answers.get(key)).toEqual(answer)
    expect(new Set([...answers.values()].map(({ executionId }) => executionId)).size).toBe(burst)
    expect(await countOf(id)).toBe(burst)
    const started = [...answers.values()].slice(0, 20)
    for (const { deliveryId, executionId } of started) {
      const delivery = deliveryOf(await api("GET", `/api/workflows/${id}/deliveries/${deliveryId}`))
      const execution = executionOf(await api("GET", `/api/executions/${executionId}`))
      expect([delivery.executionId, JSON.parse(delivery.body)]).toEqual([executionId, execution.inputs])
    }
    // The same deliveries once more: nothing is started.
    for (const key of keys.slice(0, 5)) {
      expect(acceptedOf(await post(path, { body: { key }, headers: { "webhook-id": key } }), 202)).toEqual(
        answers.get(key)
      )
    }
    expect(await countOf(id)).toBe(burst)
  })
})
