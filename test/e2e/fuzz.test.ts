import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { executionOf, problemOf, workflowOf } from "./harness/Answers.ts"
import type { Answer, Client, Content } from "./harness/Client.ts"
import { clientOf, send } from "./harness/Client.ts"
import { callStep, definition } from "./harness/Definitions.ts"
import type { Operation } from "./harness/Document.ts"
import { operationsOf } from "./harness/Document.ts"
import type { Random } from "./harness/Garbage.ts"
import { mutated, oddHeader, oddText, randomOf, scrambled } from "./harness/Garbage.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { Upstream } from "./harness/Upstream.ts"

const requests = 300
const seed = 20_261_122

describe(`${requests} requests of garbage`, () => {
  let service: Service
  let upstream: Upstream
  let api: Client
  let operations: ReadonlyArray<Operation>
  let workflowId: string
  let executionId: string

  const body = () =>
    definition("tenant-a", "Garbage", [
      { ...callStep("a", 1, `${upstream.url}/`), timeout: "1s", name: "A" },
      {
        id: "b",
        type: "transform",
        order: 2,
        config: { operation: "filter", field: "x", operator: "matches", value: "^a" }
      },
      {
        id: "c",
        type: "transform",
        order: 3,
        config: { operation: "aggregate", operations: [{ as: "n", function: "count" }] }
      }
    ])

  beforeAll(async () => {
    upstream = await Upstream.start(() => ({ json: [{ x: "a" }] }))
    service = await Service.start()
    api = clientOf(service, operatorKey)
    operations = operationsOf(await send(service.url, "GET", "/openapi.json"))
    workflowId = workflowOf(await api("POST", "/api/workflows", { body: body() }), 201).id
    const wait = { prefer: "wait=25" }
    const started = await api("POST", "/api/executions", { body: { workflowId }, headers: wait })
    executionId = executionOf(started, 201).id
  })
  afterAll(async () => {
    await service?.dispose()
    await upstream?.dispose()
  })

  const garbage = (random: Random): { readonly method: string; readonly path: string; readonly content: Content } => {
    const [first, ...others] = operations
    if (first === undefined) throw new Error("The document has no operations")
    const { method, parameters, path } = random.pick([first, ...others])
    const own = path.startsWith("/api/workflows") ? workflowId : executionId
    // What is removed for good is of no use to the requests that follow.
    const odd = random.chance(0.25) || method === "DELETE"
    const filled = path.replace(/\{\w+\}/g, () => odd ? oddText(random) : own)
    const query = parameters.filter(() => random.chance(0.4)).map((name) => `${name}=${oddText(random)}`)
    if (random.chance(0.05)) query.push(oddText(random))
    const valid = path === "/api/executions"
      ? { workflowId, inputs: { day: 1 }, trigger: "fuzz" }
      : path === "/api/keys"
      ? { name: "Fuzz", tenantId: "tenant-a", scopes: ["read", "run"], workflows: null, expiresAt: null }
      : body()
    const content = method === "GET" || method === "DELETE"
      ? {}
      // Some garbage stands around a body that is right.
      : random.chance(0.1)
      ? { raw: JSON.stringify(valid) }
      : random.chance(0.75)
      ? { raw: JSON.stringify(mutated(random, valid)) }
      : { raw: scrambled(random, JSON.stringify(valid)) }
    const names = [
      "content-type",
      "if-match",
      "if-none-match",
      "prefer",
      "x-request-id",
      "authorization",
      "range",
      "content-encoding"
    ]
    return {
      method: random.chance(0.04) ? random.pick(["PATCH", "OPTIONS", "HEAD", "PURGE"]) : method,
      path: (random.chance(0.05) ? `${filled}/${oddText(random)}` : filled) +
        (query.length > 0 ? `?${query.join("&")}` : ""),
      content: {
        ...content,
        headers: {
          "content-type": "application/json",
          ...Object.fromEntries(names.filter(() => random.chance(0.06)).map((name) => [name, oddHeader(random)]))
        }
      }
    }
  }

  test("are all answered, and none with a fault of the service", async () => {
    const random = randomOf(seed)
    const counts = new Map<number, number>()
    for (let index = 0; index < requests; index++) {
      const { content, method, path } = garbage(random)
      const name = `request ${index}: ${method} ${path} ${JSON.stringify(content.headers)} ${
        String(content.raw).slice(0, 2_000)
      }`
      const answer = await api(method, path, content).catch((cause: unknown) => {
        throw new Error(`No answer to ${name}`, { cause })
      })
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
      if (!isSound(method, answer)) expect.fail(`${answer.status} ${answer.text} to ${name}`)
    }
    const table = [...counts].sort(([a], [b]) => a - b)
    console.info(`answers by status: ${table.map(([status, count]) => `${status}: ${count}`).join(", ")}`)
    // Garbage that is all refused for the same reason would prove nothing.
    expect(table.map(([status]) => status)).toEqual(expect.arrayContaining([200, 201, 400, 404]))
  })

  test("leave a service that works", async () => {
    expect((await api("GET", "/health")).json).toMatchObject({ status: "ok" })
    const again = await api("POST", "/api/workflows", { body: body() })
    const { id } = workflowOf(again, 201)
    const started = await api("POST", "/api/executions", { body: { workflowId: id }, headers: { prefer: "wait=25" } })
    expect(executionOf(started, 201)).toMatchObject({ status: "completed", outputs: { c: { n: 1 } } })
  })
})

/** Below 500, and a proper problem from 400 on. */
const isSound = (method: string, answer: Answer): boolean => {
  if (answer.status >= 500) return false
  if (answer.status >= 400 && method !== "HEAD") problemOf(answer)
  return true
}
