import { runInDurableObject } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { Effect, Schema } from "effect"
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { ExecutionDetail } from "../../src/domain/Execution.ts"
import { Workflow } from "../../src/domain/Workflow.ts"
import { loadClient } from "../../src/engine/steps/McpTool.ts"
import { spellingsOf } from "../domain/Spellings.ts"
import { plainText, secretEnds, secretSteps, secretValues } from "../language/SecretRun.ts"
import { call, objectAt, placementOf, serve } from "./Service.ts"
import { upstreamAnswers, upstreamUrl } from "./Upstream.ts"

/** Every table of the database, but for those of the platform. */
const database = async () => {
  const { results } = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  const names = results.map(({ name }) => String(name)).filter((name) => !name.startsWith("_cf_"))
  return JSON.stringify(await Promise.all(names.map((name) => env.DB.prepare(`SELECT * FROM "${name}"`).all())))
}

/** Every key and value of KV. */
const keyValues = async () => {
  const { keys } = await env.KV.list()
  return JSON.stringify(await Promise.all(keys.map(async (key) => [key, await env.KV.getWithMetadata(key.name)])))
}

/** Everything that an execution's object holds: the journal's tables, and what else there may be. */
const journal = async (id: string) =>
  runInDurableObject(objectAt(await placementOf(id)), async (_, { storage }) => {
    const tables = storage.sql
      .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
      .toArray()
    return JSON.stringify([
      tables.map(({ name }) => storage.sql.exec(`SELECT * FROM "${String(name)}"`).toArray()),
      [...(await storage.list())]
    ])
  })

const spellings = Object.values(secretValues).flatMap(spellingsOf)

const found = (place: string, text: string): ReadonlyArray<string> =>
  spellings.filter((spelling) => text.includes(spelling)).map((spelling) => `${place}: ${spelling}`)

// The first step would take long while the tests' tools prepare what it loads.
beforeAll(async () => void (await Effect.runPromise(loadClient)))

const placements = [
  { placement: "an object of its own", service: serve() },
  { placement: "one of 8 shared objects", service: serve({ EXECUTION_OBJECTS: "8" }) }
]

describe.each(placements)("the value of a secret, on $placement", ({ service }) => {
  it.each(Object.entries(secretEnds))(
    "is found nowhere, while a run that used it goes on and after it has %s",
    async (status, end) => {
      const lines: Array<unknown> = []
      for (const method of ["log", "debug", "info", "warn", "error"] as const) {
        const spy = vi.spyOn(console, method).mockImplementation((...line) => void lines.push(line))
        onTestFinished(() => spy.mockRestore())
      }
      const sent: Array<string> = []
      upstreamAnswers(async (url, _, request) => {
        const asked = JSON.stringify([url.href, [...request.headers], await request.text()])
        sent.push(asked)
        if (url.pathname.startsWith("/nowhere")) throw new TypeError(`fetch failed: ${asked}`)
        return new Response(asked, {
          status: url.pathname === "/broken" ? 500 : 200,
          headers: { "content-type": "application/json", "x-echo": encodeURIComponent(asked) }
        })
      })
      const told: Array<string> = []
      const ask = async (method: string, path: string, body?: unknown) => {
        const response = await call(service, method, path, body === undefined ? {} : { body })
        const text = await response.text()
        told.push(`${method} ${path} ${response.status} ${JSON.stringify([...response.headers])} ${text}`)
        return text
      }

      for (const [name, value] of Object.entries(secretValues)) await ask("PUT", `/api/secrets/${name}`, { value })
      const steps = [...secretSteps(upstreamUrl, `${upstreamUrl}/nowhere`), ...end.steps]
      const definition = {
        tenantId: "tenant-a",
        name: plainText,
        steps,
        ...(end.outputs === undefined ? {} : { outputs: end.outputs })
      }
      await ask("POST", "/api/workflows/validate", definition)
      const { id: workflowId } = decodeWorkflow(await ask("POST", "/api/workflows", definition))
      const { id } = decodeExecution(await ask("POST", "/api/executions", { workflowId, inputs: { plainText } }))
      const path = `/api/executions/${id}`
      await vi.waitFor(async () => expect(decodeExecution(await ask("GET", path)).status).toBe("waiting"), 10_000)
      await ask("GET", `${path}/logs?limit=100`)
      const during = { database: await database(), keyValues: await keyValues(), journal: await journal(id) }

      await ask("POST", `${path}/signals/go`, { payload: plainText })
      await vi.waitFor(async () => expect(decodeExecution(await ask("GET", path)).status).toBe(status), 10_000)
      await ask("GET", `${path}/logs?limit=100`)
      await ask("GET", `/api/executions?workflowId=${workflowId}`)
      await ask("GET", "/api/secrets/TOKEN")
      const after = { database: await database(), keyValues: await keyValues(), journal: await journal(id) }

      // The upstream got it: in its address, headers and bodies.
      expect(sent.length).toBe(7)
      for (const asked of sent) expect(found("sent", asked)).not.toEqual([])
      // What is no secret is found wherever the run has left something.
      expect(during.database).toContain(plainText)
      expect(during.journal).toContain(plainText)
      expect(after.database).toContain(plainText)
      expect(after.keyValues).toContain(plainText)
      expect(told.join("\n")).toContain(plainText)
      expect(JSON.stringify(lines)).toContain(id)
      expect(told.join("\n")).toContain("[secret:TOKEN]")
      expect(told.join("\n")).toContain("[secret:PASSWORD]")

      expect([
        ...Object.entries(during).flatMap(([place, text]) => found(`${place}, during`, text)),
        ...Object.entries(after).flatMap(([place, text]) => found(`${place}, after`, text)),
        ...found("log", JSON.stringify(lines)),
        ...told.flatMap((text) => found(text.slice(0, 60), text))
      ]).toEqual([])
    }
  )
})

const decodeWorkflow = Schema.decodeUnknownSync(Schema.fromJsonString(Workflow))
const decodeExecution = Schema.decodeUnknownSync(Schema.fromJsonString(ExecutionDetail))
