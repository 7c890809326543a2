import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { spellingsOf } from "../domain/Spellings.ts"
import { plainText, secretEnds, secretSteps, secretValues } from "../language/SecretRun.ts"
import { executionOf, workflowOf } from "./harness/Answers.ts"
import { clientOf } from "./harness/Client.ts"
import { freePort } from "./harness/Ports.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"
import { Upstream } from "./harness/Upstream.ts"

/** The bytes of a text, each as a character: so files are searched that are no texts. */
const bytesOf = (text: string, encoding: "utf8" | "utf16le" = "utf8") => Buffer.from(text, encoding).toString("latin1")

const spellings = Object.values(secretValues).flatMap(spellingsOf).flatMap((spelling) => [
  bytesOf(spelling),
  bytesOf(spelling, "utf16le")
])

const found = (place: string, bytes: string): ReadonlyArray<string> =>
  spellings.filter((spelling) => bytes.includes(spelling)).map((spelling) => `${place}: ${spelling}`)

/** Every file of the service's state: D1, KV, the objects' storage, with their write-ahead logs. */
const filesIn = (directory: string): ReadonlyArray<readonly [path: string, bytes: string]> =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(directory.length), readFileSync(path, "latin1")])

describe("the value of a secret", () => {
  let service: Service
  let upstream: Upstream

  beforeAll(async () => {
    upstream = await Upstream.start(({ body, headers, path }) => ({
      status: path.startsWith("/broken") ? 500 : 200,
      json: { path, headers, body }
    }))
    const vars = { LOG_LEVEL: "Debug", SECRETS_KEY: Buffer.alloc(32, 7).toString("base64") }
    service = await Service.start(vars, "--watch")
  })
  afterAll(async () => {
    await service?.dispose()
    await upstream?.dispose()
  })

  test("is in no file of the service's state, no line that it prints and no answer, while runs use it and after", async () => {
    const told: Array<string> = []
    const client = clientOf(service, operatorKey)
    const api: typeof client = async (method, path, content) => {
      const answer = await client(method, path, content)
      told.push(`${method} ${path} ${JSON.stringify(answer.headers)} ${answer.text}`)
      return answer
    }
    for (const [name, value] of Object.entries(secretValues)) {
      const stored = await api("PUT", `/api/secrets/${name}`, { body: { value, tenantId: "tenant-a" } })
      expect(stored.status).toBe(201)
    }
    // Nobody listens there.
    const nowhere = `http://127.0.0.1:${await freePort()}`
    const paths: Array<string> = []
    for (const { outputs, steps } of Object.values(secretEnds)) {
      const body = {
        tenantId: "tenant-a",
        name: plainText,
        steps: [...secretSteps(upstream.url, nowhere), ...steps],
        outputs
      }
      const { id: workflowId } = workflowOf(await api("POST", "/api/workflows", { body }), 201)
      const start = { body: { workflowId, inputs: { plainText } } }
      paths.push(`/api/executions/${executionOf(await api("POST", "/api/executions", start), 201).id}`)
    }
    const statuses = () => Promise.all(paths.map(async (path) => executionOf(await api("GET", path)).status))
    await until("both runs wait", 60, async () => (await statuses()).every((status) => status === "waiting"))
    for (const path of paths) await api("GET", `${path}/logs?limit=100`)
    const during = filesIn(service.state)

    for (const path of paths) await api("POST", `${path}/signals/go`, { body: { payload: plainText } })
    await until("both runs have ended", 60, async () => (await statuses()).join() === Object.keys(secretEnds).join())
    for (const path of paths) await api("GET", `${path}/logs?limit=100`)
    await api("GET", "/api/executions")
    const after = filesIn(service.state)

    // The upstream got it. What is no secret is in the files of every kind of store, in the lines and in the answers.
    expect(found("asked", bytesOf(JSON.stringify(upstream.calls)))).not.toEqual([])
    for (const store of ["d1", "kv", "do"]) {
      const holding = [...during, ...after].filter(([path, bytes]) =>
        path.includes(`/${store}/`) && bytes.includes(plainText)
      )
      expect([store, holding.length > 0]).toEqual([store, true])
    }
    expect(service.output).toContain("Step failed")
    expect(told.join("\n")).toContain(plainText)
    expect(told.join("\n")).toContain("[secret:TOKEN]")

    expect([
      ...during.flatMap(([path, bytes]) => found(`${path}, during`, bytes)),
      ...after.flatMap(([path, bytes]) => found(`${path}, after`, bytes)),
      ...found("output", bytesOf(service.output)),
      ...told.flatMap((text) => found(text.slice(0, 60), bytesOf(text)))
    ]).toEqual([])
  })
})
