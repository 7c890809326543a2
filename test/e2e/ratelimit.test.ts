import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { problemOf } from "./harness/Answers.ts"
import type { Answer } from "./harness/Client.ts"
import { clientOf, send } from "./harness/Client.ts"
import { Service } from "./harness/Service.ts"

const limit = 5
const windowSeconds = 60

const limitsOf = ({ headers }: Answer) => ({
  limit: headers["ratelimit-limit"],
  remaining: headers["ratelimit-remaining"]
})

describe.each(["kv", "durable-object"])("five requests a minute, counted by the store %s", (store) => {
  let service: Service

  beforeAll(async () => {
    service = await Service.start({
      API_ALLOWED_KEYS: "first-key,second-key,tenant-a:third-key",
      RATE_LIMIT_MAX_REQUESTS: String(limit),
      RATE_LIMIT_WINDOW_SECONDS: String(windowSeconds),
      RATE_LIMIT_STORE: store
    })
  })
  afterAll(() => service?.dispose())

  test("refuses the sixth, and every one after it, on each path", async () => {
    const api = clientOf(service, "first-key")
    for (const remaining of [4, 3, 2, 1, 0]) {
      const answer = await api("GET", "/api/workflows")
      expect(answer.status).toBe(200)
      expect(limitsOf(answer)).toEqual({ limit: "5", remaining: String(remaining) })
      expect(seconds(answer, "ratelimit-reset")).toBeLessThanOrEqual(windowSeconds)
      expect(answer.headers["retry-after"]).toBeUndefined()
    }
    for (const path of ["/api/workflows", "/api/executions", "/api/workflows/unknown"]) {
      const answer = await api("GET", path)
      expect(problemOf(answer)).toMatchObject({ code: "RATE-001", status: 429 })
      expect(limitsOf(answer)).toEqual({ limit: "5", remaining: "0" })
      expect(seconds(answer, "ratelimit-reset")).toBeLessThanOrEqual(windowSeconds)
      expect(seconds(answer, "retry-after")).toBeLessThanOrEqual(windowSeconds)
    }
  })

  test("counts each key alone, and none without a key", async () => {
    for (const key of ["second-key", "third-key"]) {
      const answer = await clientOf(service, key)("GET", "/api/workflows")
      expect(answer.status).toBe(200)
      expect(limitsOf(answer)).toEqual({ limit: "5", remaining: "4" })
    }
    const open = await send(service.url, "GET", "/health")
    expect([open.status, open.headers["ratelimit-limit"]]).toEqual([200, undefined])
    const refused = await clientOf(service, "no-key")("GET", "/api/workflows")
    expect(problemOf(refused).code).toBe("AUTH-002")
    expect(refused.headers["ratelimit-limit"]).toBeUndefined()
  })
})

/** A header that counts whole seconds, at least one. */
const seconds = ({ headers }: Answer, name: string): number => {
  expect(headers[name]).toMatch(/^[1-9]\d*$/)
  return Number(headers[name])
}
