// Plays the session of docs/mcp-walkthrough.md, and compares every message with the one that the page shows.
// `UPDATE_WALKTHROUGH=1` writes the messages into the page instead.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { read, root } from "../docs/repository.ts"
import { answerOf } from "./harness/Agents.ts"
import { Service } from "./harness/Service.ts"
import { messagesOf, Transcript, withMessages } from "./harness/Transcript.ts"
import { Upstream } from "./harness/Upstream.ts"
import { Wire } from "./harness/Wire.ts"

const path = "docs/mcp-walkthrough.md"
const page = read(path)
const tenantKey = "the-key-of-acme"

const accounts = [
  { login: "ada", department: "Finance", lastSignIn: "2026-11-19" },
  { login: "bob", department: "Finance", lastSignIn: "2026-03-02" },
  { login: "cleo", department: "Finance", lastSignIn: "2026-10-30" },
  { login: "dan", department: "Finance", lastSignIn: "2025-12-11" }
]
const accountsPath = "/v2/accounts?department=Finance"
const inputs = { department: "Finance", since: "2026-09-01" }

describe("the session of docs/mcp-walkthrough.md", () => {
  const wire = new Wire()
  const client = new Client({ name: "agent", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } })
  const transcript = new Transcript()
  let service: Service
  let upstream: Upstream
  let ticketsAreDown = true
  let workflowId: unknown
  let failedId: unknown

  beforeAll(async () => {
    upstream = await Upstream.start(({ method, path }) => {
      if (path === accountsPath) return { json: accounts }
      if (method !== "POST" || path !== "/tickets") {
        return { status: 404, json: { error: "Not found: try /v2/accounts" } }
      }
      return ticketsAreDown
        ? { status: 503, json: { error: "Down for maintenance" } }
        : { status: 201, json: { id: "T-1042", status: "open" } }
    })
    service = await Service.start({ API_ALLOWED_KEYS: `acme:${tenantKey}` })
  })
  afterAll(async () => {
    await client.close()
    await service?.dispose()
    await upstream?.dispose()
  })

  /** Keeps the one exchange of a request, under the name that the page gives it. */
  const recorded = async <A>(name: string, request: Promise<A>): Promise<A> => {
    const answer = await request
    const [exchange, ...others] = await wire.take()
    if (exchange === undefined || others.length > 0) throw new Error(`"${name}" is not one exchange`)
    if (transcript.messages.size === 0) transcript.addHeaders("headers", exchange)
    transcript.add(name, exchange)
    return answer
  }
  const call = async (name: string, tool: string, args: Record<string, unknown>, told: Array<string> = []) => {
    const onprogress = ({ message = "" }: { readonly message?: string | undefined }) => told.push(message)
    const options = "waitSeconds" in args ? { onprogress } : {}
    const { isError, json } = answerOf(await recorded(name, client.callTool({ name: tool, arguments: args }, options)))
    if (isError) throw new Error(JSON.stringify(json))
    return json
  }

  /** The steps as the agent writes them, more or less right. */
  const steps = (accountsUrl: string, mistakes: { readonly field: string; readonly names: string }) => [
    {
      id: "accounts",
      type: "http-request",
      order: 1,
      config: { url: `${upstream.url}${accountsUrl}`, query: { department: "{{ inputs.department }}" } }
    },
    {
      id: "inactive",
      type: "transform",
      order: 2,
      config: { operation: "filter", [mistakes.field]: "lastSignIn", operator: "lt", value: "{{ inputs.since }}" }
    },
    {
      id: "ticket",
      type: "http-request",
      order: 3,
      config: {
        url: `${upstream.url}/tickets`,
        method: "POST",
        body: {
          title: "Remove {{ $count(input) }} accounts of {{ inputs.department }}",
          logins: `{{ [${mistakes.names}.inactive.output.login] }}`
        }
      }
    }
  ]
  const right = { field: "field", names: "steps" }
  const definition = (mistakes = right) => ({
    name: "Inactive accounts",
    description: "Finds the accounts of a department that nobody uses, and opens a ticket for their removal",
    inputSchema: {
      type: "object",
      properties: { department: { type: "string" }, since: { type: "string", format: "date" } },
      required: ["department", "since"]
    },
    steps: steps("/accounts", mistakes),
    outputs: { ticket: "steps.ticket.output.id", logins: "[steps.inactive.output.login]" }
  })

  test("connects, and looks around", async () => {
    const transport = new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${tenantKey}` } },
      fetch: wire.fetch
    })
    await recorded("discover", client.connect(transport))
    await recorded("tools", client.listTools())
    expect(await call("empty", "workflow_list", {})).toEqual({ items: [], nextCursor: null })
  })

  test("reads the language", async () => {
    const { contents: [language] } = await recorded(
      "language",
      client.readResource({ uri: "docs://workflow-language" })
    )
    expect(language).toMatchObject({ text: read("docs/workflow-language.md") })
  })

  test("writes a workflow with two mistakes, and corrects them from their issues", async () => {
    const mistakes = { field: "feild", names: "step" }
    expect(await call("mistakes", "workflow_validate", { definition: definition(mistakes) })).toMatchObject({
      valid: false,
      issuesInAll: 2,
      issues: [
        { path: ["steps", 1, "config", "feild"] },
        { path: ["steps", 2, "config", "body", "logins"] }
      ]
    })
    expect(await call("corrected", "workflow_validate", { definition: definition() })).toMatchObject({
      valid: true,
      issues: []
    })
  })

  test("stores it", async () => {
    const stored = await call("create", "workflow_create", { definition: definition() })
    expect(stored).toMatchObject({ stored: true, version: 1 })
    workflowId = stored["id"]
  })

  test("runs it, and sees it fail at a wrong path", async () => {
    const told: Array<string> = []
    const run = await call("run", "workflow_execute", { workflowId, inputs, waitSeconds: 20 }, told)
    expect(run).toMatchObject({ status: "failed", errorCode: "http-4xx", errorStep: "accounts" })
    expect(told).toEqual(["Execution started", "Step started: accounts", "Step failed: accounts", "Execution failed"])
    expect(upstream.calls.map(({ path }) => path)).toEqual(["/accounts?department=Finance"])

    expect(await call("explain", "execution_explain", { executionId: run["id"] })).toMatchObject({
      step: { path: "accounts" },
      untrusted: { request: { method: "GET" }, response: { status: 404 } }
    })
  })

  test("repairs it, and sees it fail where the workflow is not to blame", async () => {
    const changed = await call("update", "workflow_update", {
      workflowId,
      expectedVersion: 1,
      changes: { steps: steps("/v2/accounts", right) }
    })
    expect(changed).toMatchObject({ stored: true, version: 2 })
    const run = await call("run again", "workflow_execute", { workflowId, inputs, waitSeconds: 20 })
    expect(run).toMatchObject({ status: "failed", errorCode: "http-5xx", errorStep: "ticket", workflowVersion: 2 })
    failedId = run["id"]
  })

  test("retries it, without the steps that were done", async () => {
    ticketsAreDown = false
    expect(await call("retry", "execution_retry", { executionId: failedId, waitSeconds: 20 })).toMatchObject({
      status: "completed",
      retryOf: failedId,
      steps: [{ path: "accounts", takenOver: true }, { path: "inactive", takenOver: true }, { path: "ticket" }],
      untrusted: { outputs: { ticket: "T-1042", logins: ["bob", "dan"] } }
    })
    expect(upstream.callsOf(accountsPath)).toHaveLength(1)
    const body = JSON.stringify({ title: "Remove 2 accounts of Finance", logins: ["bob", "dan"] })
    expect(upstream.callsOf("/tickets").map(({ body }) => body)).toEqual([body, body])
  })

  test("looks back", async () => {
    const { items } = await call("executions", "execution_list", { workflowId })
    expect(items).toMatchObject([{ status: "completed" }, { status: "failed" }, { status: "failed" }])
    const [{ id: executionId }] = Array.isArray(items) ? items : []
    const logs = await call("logs", "execution_logs", { executionId })
    expect(logs["nextCursor"]).toBeNull()
  })

  test("the page shows these messages, and all of them (else write them with UPDATE_WALKTHROUGH=1)", () => {
    const { messages } = transcript
    if (process.env["UPDATE_WALKTHROUGH"] === "1") writeFileSync(join(root, path), withMessages(page, messages))
    expect(messagesOf(page)).toEqual([...messages.keys()])
    expect(read(path)).toBe(withMessages(page, messages))
  })
})
