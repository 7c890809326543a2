import { createHmac } from "node:crypto"
import { describe, expect, it } from "vitest"
import { StepId } from "../../src/domain/Ids.ts"
import { Accepted, signingSecret, start } from "./hooksService.ts"

const github = (body: string, secret = signingSecret) => ({
  "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`
})
const stripe = (body: string, at: number) => ({
  "stripe-signature": `t=${at},v1=${createHmac("sha256", signingSecret).update(`${at}.${body}`).digest("hex")}`
})

const signed = { type: "webhook", secret: "HOOK", scheme: "github" } as const
const timed = { type: "webhook", secret: "HOOK", scheme: "stripe" } as const

/** A problem but for what differs from request to request. */
const told = async (answer: Promise<Response>) => {
  const response = await answer
  const { requestId: _, ...problem } = JSON.parse(await response.text())
  return { status: response.status, type: response.headers.get("content-type"), problem }
}

describe("A signed webhook", () => {
  it("starts an execution and tells where it is", async () => {
    const service = await start(signed)
    const body = "{\"order\": 7}"
    const response = await service.post(body, {
      ...github(body),
      "x-github-delivery": "guid-1",
      authorization: "Bearer x",
      cookie: "a=b"
    }, `/hooks/${service.workflow.id}?a=1&a=2&b=x+y`)
    const location = response.headers.get("location")
    expect(response.headers.get("ratelimit-limit")).toBeNull()
    const { deliveryId, executionId } = await service.read(Accepted, Promise.resolve(response), 202)
    expect(location).toBe(`/api/executions/${executionId}`)

    const execution = await service.execution(executionId)
    expect(execution).toMatchObject({ status: "completed", trigger: "webhook", inputs: { order: 7 } })
    const { got, seen } = Object(execution.steps[0]?.output)
    expect(got).toEqual({ order: 7 })
    expect(seen).toEqual({
      type: "webhook",
      deliveryId,
      query: { a: ["1", "2"], b: "x y" },
      headers: { "content-type": "application/json", "x-github-delivery": "guid-1" }
    })
    const delivery = await service.delivery(deliveryId)
    expect(delivery).toMatchObject({
      id: deliveryId,
      key: "guid-1",
      status: "started",
      executionId,
      error: null,
      redeliveryOf: null,
      query: { a: ["1", "2"], b: "x y" },
      headers: { "x-hub-signature-256": "[redacted]", authorization: "[redacted]", cookie: "[redacted]" },
      body
    })
    const { body: _, headers: __, query: ___, ...summary } = delivery
    expect(await service.deliveries()).toEqual({ items: [summary], nextCursor: null })
  })

  it("refuses whatever is wrong with a signature in the same words, and logs which it was", async () => {
    const service = await start(timed)
    const seconds = Math.floor(service.time.now / 1_000)
    const body = "{\"id\":\"evt_1\"}"
    const right = stripe(body, seconds)
    const refusals = [
      ["missing or malformed header", service.post(body)],
      ["no signature matches", service.post(`${body} `, right)],
      ["no signature matches", service.post(body, { "stripe-signature": `t=${seconds},v1=${"0".repeat(64)}` })],
      ["time out of bounds", service.post(body, stripe(body, seconds - 301))],
      ["time out of bounds", service.post(body, stripe(body, seconds + 301))],
      ["no signature matches", service.post("not json", { ...right, "content-type": "image/png" })]
    ] as const
    const answers = await Promise.all(refusals.map(([, answer]) => told(answer)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]).toMatchObject({
      status: 401,
      type: "application/problem+json",
      problem: { code: "TRIGGER-001" }
    })
    const logged = JSON.stringify(service.logs)
    for (const [reason] of refusals) expect(logged).toContain(reason)
    for (const secret of [signingSecret, "0".repeat(64), "evt_1"]) expect(logged).not.toContain(secret)
    expect(await service.deliveries()).toEqual({ items: [], nextCursor: null })
    expect(await service.executionsOf()).toEqual([])
    await service.read(Accepted, service.post(body, right), 202)
  })

  it("refuses everything when its secret is gone", async () => {
    const service = await start(signed)
    expect((await service.fetch("/api/secrets/HOOK?tenantId=tenant-a", { method: "DELETE" })).status).toBe(204)
    expect((await service.problem(service.post("{}", github("{}")), 401)).code).toBe("TRIGGER-001")
    expect(JSON.stringify(service.logs)).toContain("secret not available")
  })

  it("has no path with a token, and no token", async () => {
    const service = await start(signed)
    const path = `/hooks/${service.workflow.id}`
    expect(await service.webhook()).toEqual({ path, signed: true, scheme: "github", token: null })
    await service.problem(service.post("{}", github("{}"), `${path}/token`), 404)
    const rotated = service.fetch(`/api/workflows/${service.workflow.id}/webhook/rotate`, { method: "POST" })
    expect((await service.problem(rotated, 404)).code).toBe("TRIGGER-004")
  })

  it("answers Slack's challenge, and starts nothing by that", async () => {
    const service = await start({ type: "webhook", secret: "HOOK", scheme: "slack" })
    const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1a" })
    const at = Math.floor(service.time.now / 1_000)
    const signature = createHmac("sha256", signingSecret).update(`v0:${at}:${body}`).digest("hex")
    const headers = { "x-slack-request-timestamp": String(at), "x-slack-signature": `v0=${signature}` }
    const response = await service.post(body, headers)
    expect([response.status, await response.json()]).toEqual([200, { challenge: "3eZbrw1a" }])
    expect((await service.post(body, { ...headers, "x-slack-signature": "v0=00" })).status).toBe(401)
    expect(await service.executionsOf()).toEqual([])
  })
})

describe("A webhook with a token", () => {
  it("is at a path that its owner reads, until the token is another", async () => {
    const service = await start("webhook")
    const first = await service.webhook()
    expect(first).toMatchObject({ signed: false, scheme: null, path: `/hooks/${service.workflow.id}/${first.token}` })
    expect(first.token).toMatch(/^[\w-]{32}$/)
    expect(await service.webhook()).toEqual(first)
    await service.read(Accepted, service.post("{}", {}, first.path), 202)

    const second = await service.rotate()
    expect(second.token).not.toBe(first.token)
    expect(await service.webhook()).toEqual(second)
    await service.problem(service.post("{}", {}, first.path), 404)
    await service.read(Accepted, service.post("{}", {}, second.path), 202)
    const logged = JSON.stringify(service.logs)
    expect(logged).toContain(`/hooks/${service.workflow.id}/[token]`)
    for (const { token } of [first, second]) expect(logged).not.toContain(token)
  })

  it("is hidden, in the same words, from whoever does not know it", async () => {
    const service = await start("webhook")
    const unasked = await told(service.post("{}", {}, `/hooks/${service.workflow.id}/${"a".repeat(32)}`))
    const { path, token } = await service.webhook()
    const other = await start({ type: "mcp" })
    const answers = await Promise.all([
      service.post("{}"),
      service.post("{}", {}, `/hooks/${service.workflow.id}/wrong`),
      service.post("{}", {}, `${path}x`),
      service.post("{}", {}, path.slice(0, -1)),
      service.post("{}", {}, `/hooks/unknown/${token}`),
      service.post("{}", {}, "/hooks/unknown"),
      service.post("{}", {}, "/nothing/here"),
      other.post("{}"),
      other.post("{}", {}, `/hooks/${other.workflow.id}/${token}`)
    ].map(told))
    for (const answer of [...answers, unasked]) expect(answer).toEqual(answers[0])
    expect(answers[0]).toMatchObject({ status: 404, problem: { code: "REQUEST-001" } })
    expect((await service.update({ status: "inactive" })).status).toBe(200)
    expect(await told(service.post("{}", {}, path))).toEqual(answers[0])
    expect((await service.update({ status: "active", triggers: [] })).status).toBe(200)
    expect(await told(service.post("{}", {}, path))).toEqual(answers[0])
    expect((await service.update({ triggers: ["webhook"] })).status).toBe(200)
    await service.read(Accepted, service.post("{}", {}, path), 202)
    expect((await service.remove()).status).toBe(204)
    expect(await told(service.post("{}", {}, path))).toEqual(answers[0])
  })
})

describe("A body", () => {
  it("becomes inputs by its media type", async () => {
    const service = await start("webhook")
    const { path } = await service.webhook()
    const cases = [
      ["application/json", "{\"a\":1}", { a: 1 }],
      ["application/json", "[1,2]", { body: [1, 2] }],
      ["application/json", "\"text\"", { body: "text" }],
      ["application/x-www-form-urlencoded", "a=1&a=2&b=x+y", { a: ["1", "2"], b: "x y" }],
      ["text/plain", "hello", { body: "hello" }]
    ] as const
    for (const [type, body, inputs] of cases) {
      const accepted = await service.read(Accepted, service.post(body, { "content-type": type }, path), 202)
      expect((await service.execution(accepted.executionId)).inputs).toEqual(inputs)
      expect((await service.delivery(accepted.deliveryId)).body).toBe(body)
    }
  })

  it("is refused when it is too large, of no type that is read, or not what its type says", async () => {
    const service = await start("webhook")
    const { path } = await service.webhook()
    const cases = [
      [413, "REQUEST-001", "application/json", `"${"x".repeat(1_048_575)}"`],
      [415, "REQUEST-001", "image/png", "x"],
      [415, "REQUEST-001", "text/plain; charset=utf-16", "x"],
      [400, "TRIGGER-002", "application/json", "{"],
      [400, "TRIGGER-002", "application/json", ""],
      [400, "TRIGGER-002", "text/plain", Uint8Array.of(0xff)]
    ] as const
    for (const [status, code, type, body] of cases) {
      expect((await service.problem(service.post(body, { "content-type": type }, path), status)).code).toBe(code)
    }
    expect((await service.problem(service.post("{}", { "content-encoding": "gzip" }, path), 415)).code)
      .toBe("REQUEST-001")
    const largest = `"${"x".repeat(1_048_574 - 11)}"`
    await service.read(Accepted, service.post(largest, {}, path), 202)
    expect((await service.deliveries()).items).toHaveLength(1)
  })

  it("becomes inputs by an expression", async () => {
    const inputs = "{ 'order': trigger.body.data.id, 'from': trigger.query.source, 'kind': trigger.headers.`x-kind` }"
    const service = await start({ type: "webhook", inputs })
    const { path } = await service.webhook()
    const sent = service.post("{\"data\":{\"id\":5}}", { "x-kind": "paid" }, `${path}?source=shop`)
    const { executionId } = await service.read(Accepted, sent, 202)
    expect((await service.execution(executionId)).inputs).toEqual({ order: 5, from: "shop", kind: "paid" })
  })

  it("of which the expression makes no object, or fails, is kept and told", async () => {
    const service = await start({ type: "webhook", inputs: "$number(trigger.body.n)" })
    const { path } = await service.webhook()
    for (const body of ["{\"n\":\"1\"}", "{\"n\":\"x\"}"]) {
      const problem = await service.problem(service.post(body, {}, path), 400)
      expect(problem).toMatchObject({ code: "EXECUTION-003", issues: [{ path: ["inputs"] }] })
    }
    expect((await service.deliveries()).items.map(({ status }) => status)).toEqual(["failed", "failed"])
  })

  it("that does not fit the input schema is kept as failed, and answered the same when it comes again", async () => {
    const inputSchema = { type: "object", required: ["order"], properties: { order: { type: "integer" } } }
    const service = await start("webhook", { inputSchema })
    const { path } = await service.webhook()
    const headers = { "webhook-id": "m1" }
    const first = await told(service.post("{\"order\":\"x\"}", headers, path))
    expect(first).toMatchObject({
      status: 400,
      problem: { code: "EXECUTION-003", issues: [{ path: ["inputs", "order"] }] }
    })
    expect(await told(service.post("{\"order\":1}", headers, path))).toEqual(first)
    const { items } = await service.deliveries()
    expect(items).toMatchObject([{ status: "failed", executionId: null, error: { code: "EXECUTION-003" } }])
    expect(await service.executionsOf()).toEqual([])
  })
})

describe("A delivery that comes again", () => {
  it("is answered as the first was, and starts nothing", async () => {
    const service = await start("webhook")
    const { path } = await service.webhook()
    for (const header of ["webhook-id", "idempotency-key"]) {
      const headers = { [header]: `one by ${header}` }
      const answers = await Promise.all([1, 2, 3].map(async () => {
        const response = await service.post("{\"n\":1}", headers, path)
        return { status: response.status, location: response.headers.get("location"), text: await response.text() }
      }))
      for (const answer of answers) expect(answer).toEqual(answers[0])
      expect(answers[0]?.status).toBe(202)
    }
    expect(await service.executionsOf()).toHaveLength(2)
    expect((await service.deliveries()).items).toHaveLength(2)
    await service.post("{\"n\":1}", {}, path)
    await service.post("{\"n\":1}", {}, path)
    expect(await service.executionsOf()).toHaveLength(4)
  })

  it("is known by what each service calls it, or else by its signature", async () => {
    for (
      const [body, headers] of [
        ["{\"id\":\"evt_1\"}", {}],
        ["{\"no\":\"id\"}", {}],
        [JSON.stringify({ id: "x".repeat(5_000) }), {}]
      ] as const
    ) {
      const service = await start(timed)
      const at = Math.floor(service.time.now / 1_000)
      const send = () => service.post(body, { ...headers, ...stripe(body, at) })
      const first = await service.read(Accepted, send(), 202)
      expect(await service.read(Accepted, send(), 202)).toEqual(first)
      expect(await service.executionsOf()).toHaveLength(1)
    }
  })

  it("may have the key of another workflow's delivery", async () => {
    const [one, other] = [await start("webhook"), await start("webhook")]
    for (const service of [one, other]) {
      const { path } = await service.webhook()
      await service.read(Accepted, service.post("{}", { "webhook-id": "same" }, path), 202)
    }
  })
})

describe("A webhook that responds with the result", () => {
  it("answers with the outputs, also when the delivery comes again", async () => {
    const outputs = { order: "{{ inputs.order }}", executionId: "'x'", deliveryId: "'y'" }
    const service = await start({ type: "webhook", respond: "result" }, { outputs })
    const { path } = await service.webhook()
    for (const _ of [1, 2]) {
      const response = await service.post("{\"order\":7}", { "webhook-id": "m1" }, path)
      expect(response.status).toBe(200)
      expect(response.headers.get("location")).toMatch(/^\/api\/executions\//)
      expect(await response.json()).toEqual({ order: 7, executionId: "x", deliveryId: "y" })
    }
    expect(await service.executionsOf()).toHaveLength(1)
  })

  it("answers 502 when the execution failed, also when the delivery comes again", async () => {
    const service = await start({ type: "webhook", respond: "result" }, {
      steps: [{ id: StepId.make("stop"), type: "fail", order: 1, config: { message: "No stock", code: "no-stock" } }]
    })
    const { path } = await service.webhook()
    for (const _ of [1, 2]) {
      const problem = await service.problem(service.post("{}", { "webhook-id": "m1" }, path), 502)
      const [execution] = await service.executionsOf()
      expect(problem).toMatchObject({
        code: "TRIGGER-003",
        detail: `The execution ${execution?.id} did not complete: no-stock: No stock`
      })
    }
  })
})

describe("Delivering again", () => {
  it("starts another execution with the same body, as the workflow is now", async () => {
    const service = await start("webhook")
    const { path } = await service.webhook()
    const headers = { "webhook-id": "m1", "content-type": "application/x-www-form-urlencoded" }
    const first = await service.read(Accepted, service.post("a=1", headers, `${path}?q=2`), 202)
    await service.update({ triggers: [{ type: "webhook", inputs: "{ 'a': trigger.body.a, 'q': trigger.query.q }" }] })
    const second = await service.read(Accepted, service.redeliver(first.deliveryId), 202)
    expect(second.executionId).not.toBe(first.executionId)
    expect((await service.execution(second.executionId)).inputs).toEqual({ a: "1", q: "2" })
    expect(await service.delivery(second.deliveryId)).toMatchObject({ redeliveryOf: first.deliveryId, body: "a=1" })
    // What the sender called it still stands for the first.
    expect(await service.read(Accepted, service.post("a=1", headers, path), 202)).toEqual(first)
    const { items, nextCursor } = await service.deliveries("?limit=1")
    expect(items.map(({ id }) => id)).toEqual([second.deliveryId])
    const rest = await service.deliveries(`?cursor=${nextCursor}`)
    expect(rest.items.map(({ id }) => id)).toEqual([first.deliveryId])
  })

  it("needs a delivery of this workflow, and an active workflow", async () => {
    const service = await start("webhook")
    const { path } = await service.webhook()
    expect((await service.problem(service.redeliver("unknown"), 404)).code).toBe("TRIGGER-004")
    const { deliveryId } = await service.read(Accepted, service.post("{}", {}, path), 202)
    await service.update({ status: "inactive" })
    expect((await service.problem(service.redeliver(deliveryId), 409)).code).toBe("EXECUTION-001")
  })
})

describe("A retry", () => {
  it("sees of the trigger what the first execution saw", async () => {
    const service = await start("webhook")
    const { path } = await service.webhook()
    const { executionId } = await service.read(Accepted, service.post("{}", { "x-kind": "test" }, `${path}?a=1`), 202)
    const first = await service.execution(executionId)
    const again = await service.retry(executionId, { fromStep: "show" })
    expect(first.outputs).toMatchObject({ show: { seen: { query: { a: "1" }, headers: { "x-kind": "test" } } } })
    expect(again).toMatchObject({ status: "completed", retryOf: executionId, outputs: first.outputs })
  })
})

describe("A workflow that is saved", () => {
  it("is told what is wrong with its webhook", async () => {
    const service = await start("webhook")
    const issuesOf = async (triggers: ReadonlyArray<unknown>) => {
      const { name, steps, tenantId } = service.workflow
      const response = await service.send("POST", "/api/workflows/validate", { tenantId, name, steps, triggers })
      const { issues = [] } = JSON.parse(await response.text())
      return issues.map(({ path }: { path: ReadonlyArray<string | number> }) => path.join("."))
    }
    const cases: ReadonlyArray<readonly [trigger: unknown, path: string | null]> = [
      [signed, null],
      [{ type: "webhook", secret: "HOOK", scheme: "standard", respond: "accepted", inputs: "trigger.body" }, null],
      [{ type: "webhook", scheme: "github" }, "triggers.1.scheme"],
      [{ type: "webhook", secret: "HOOK", scheme: "gitlab" }, "triggers.1.scheme"],
      [{ type: "webhook", secret: "UNKNOWN" }, "triggers.1.secret"],
      [{ type: "webhook", inputs: "trigger.(" }, "triggers.1.inputs"],
      [{ type: "webhook", inputs: "secrets.HOOK" }, "triggers.1.inputs"],
      [{ type: "webhook", inputs: "steps" }, "triggers.1.inputs"],
      [{ type: "webhook", inputs: "" }, "triggers.1.inputs"]
    ]
    for (const [trigger, path] of cases) {
      expect({ trigger, issues: await issuesOf(["mcp", trigger]) }).toEqual({
        trigger,
        issues: path === null ? [] : [path]
      })
    }
    expect(await issuesOf(["webhook", signed])).toEqual(["triggers.1"])
    expect((await service.update({ triggers: [signed, "webhook"] })).status).toBe(400)
  })
})

describe("A failure of the service", () => {
  it("before the delivery is stored is told, so that the sender tries again", async () => {
    const service = await start("webhook")
    const { path } = await service.webhook()
    for (const operation of ["webhooks.target", "webhooks.receive"] as const) {
      await service.failNext(operation)
      const problem = await service.problem(service.post("{}", { "webhook-id": "m1" }, path), 503)
      expect(problem.code).toBe("EXECUTION-001")
    }
    expect(await service.executionsOf()).toEqual([])
    await service.read(Accepted, service.post("{}", { "webhook-id": "m1" }, path), 202)
    expect(await service.executionsOf()).toHaveLength(1)
  })

  it("after that is not: the execution is there", async () => {
    const service = await start("webhook")
    const { path } = await service.webhook()
    await service.failNext("journal.create")
    const { executionId } = await service.read(Accepted, service.post("{}", {}, path), 202)
    expect(await service.execution(executionId)).toMatchObject({ status: "pending" })
  })
})
