import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { ExecutionDetail, isTerminal } from "../../src/domain/Execution.ts"
import { formatPath, Issue } from "../../src/domain/Issues.ts"
import { Workflow } from "../../src/domain/Workflow.ts"
import { Problem } from "../../src/http/api/Errors.ts"
import { upstreamAnswers } from "../worker/Upstream.ts"
import type { Case, Reply } from "./Case.ts"

/** The service: on memory, or in workerd. */
export interface Handler {
  readonly handle: (request: Request) => Promise<Response>
}

/** What came of a case, in the form of what must; and the whole execution as its client sees it. */
export interface Outcome {
  readonly result: Json
  readonly shown: Json
}

/** What must come of a case, in the form of what did. */
export const expectationOf = ({ expected }: Case): Json => JSON.parse(JSON.stringify(expected))

/** Saves the definition, starts it with its inputs, sends its signals, and waits for its end. */
export const perform = async (service: Handler, given: Case, key: string): Promise<Outcome> => {
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    service.handle(
      new Request(`https://service.test${path}`, {
        method,
        headers: { "x-api-key": key, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
    )
  for (const [name, value] of Object.entries(given.secrets ?? {})) await ask("PUT", `/api/secrets/${name}`, { value })
  const asked = given.http === undefined ? [] : script(given.http)

  const { inputSchema, outputs, settings, steps, title: name } = given
  const definition = { tenantId: "tenant-a", name, steps, inputSchema, outputs, settings }
  const validated = decodeValidation(await (await ask("POST", "/api/workflows/validate", definition)).text())
  const saved = await ask("POST", "/api/workflows", definition)
  if (saved.status !== 201) return refusal(decodeProblem(await saved.text()).code, validated.issues ?? [])
  if (!validated.valid) throw new Error("What is not valid was saved")
  const { id: workflowId } = Schema.decodeUnknownSync(Schema.fromJsonString(Workflow))(await saved.text())

  const waits = given.signals === undefined ? { prefer: "wait=25" } : undefined
  const started = await ask("POST", "/api/executions", { workflowId, inputs: given.inputs }, waits)
  if (started.status !== 201) {
    const { code, issues = [] } = decodeProblem(await started.text())
    return refusal(code, issues)
  }
  let execution = decodeExecution(await started.text())
  // Others need a turn: on memory nothing here waits for anything.
  const look = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    execution = decodeExecution(await (await ask("GET", `/api/executions/${execution.id}`)).text())
  }
  for (const { name, onceWaits, payload } of given.signals ?? []) {
    if (onceWaits !== undefined) {
      do await look()
      while (!isWaiting(execution, onceWaits))
    }
    await ask("POST", `/api/executions/${execution.id}/signals/${name}`, { payload })
  }
  do await look()
  while (!isTerminal(execution.status))
  const logs = Schema.decodeUnknownSync(Logs)(
    await (await ask("GET", `/api/executions/${execution.id}/logs?limit=100`)).text()
  )
  return {
    result: timeless(execution, resultOf(execution, asked)),
    shown: timeless(execution, shownOf(execution, logs))
  }
}

const decodeExecution = Schema.decodeUnknownSync(Schema.fromJsonString(ExecutionDetail))
const Logs = Schema.fromJsonString(
  Schema.Struct({
    items: Schema.Array(Schema.Struct({ message: Schema.String, stepId: Schema.optionalKey(Schema.String) }))
  })
)

const isWaiting = ({ steps }: ExecutionDetail, path: string): boolean =>
  steps.some((step) => (step.path ?? step.id) === path && step.status === "waiting")

const decodeProblem = Schema.decodeUnknownSync(Schema.fromJsonString(Problem))
const decodeValidation = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ valid: Schema.Boolean, issues: Schema.optionalKey(Schema.Array(Issue)) }))
)

const refusal = (refused: string, issues: ReadonlyArray<Issue>): Outcome => {
  const result = { refused, issues: issues.map(({ message, path }) => `${formatPath(path)} ${message}`).toSorted() }
  return { result, shown: result }
}

const resultOf = ({ error, outputs, status, steps }: ExecutionDetail, asked: ReadonlyArray<string>) => ({
  status,
  outputs,
  error: error === null ? null : { ...error },
  steps: Object.fromEntries(
    steps.map(({ attempts, id, path, status }) => [path ?? id, attempts > 1 ? `${status} (${attempts})` : status])
  ),
  ...(asked.length === 0 ? {} : { requests: asked.toSorted() })
})

/** The execution without its times, and its log's lines without their order: steps at the same time write as they come. */
const shownOf = ({ steps, ...execution }: ExecutionDetail, logs: typeof Logs.Type) => ({
  ...untimed(execution),
  steps: steps.toSorted((a, b) => (a.path ?? a.id) < (b.path ?? b.id) ? -1 : 1).map(untimed),
  logs: logs.items.map(({ message, stepId = "" }) => `${stepId}: ${message}`).toSorted()
})

const times: ReadonlySet<string> = new Set([
  "startedAt",
  "completedAt",
  "createdAt",
  "updatedAt",
  "durationMs",
  "requestId"
])

const untimed = (members: object) => Object.fromEntries(Object.entries(members).filter(([name]) => !times.has(name)))

/** The same value without the ids and the times that are another in each run. */
const timeless = ({ id, startedAt, workflowId }: ExecutionDetail, value: object): Json =>
  JSON.parse(
    JSON.stringify(value).replaceAll(id, "<execution>").replaceAll(workflowId, "<workflow>").replaceAll(
      startedAt,
      "<startedAt>"
    )
  )

/** Lets the upstream answer by this script; what it is asked comes into the array. */
const script = (routes: NonNullable<Case["http"]>): ReadonlyArray<string> => {
  const asked: Array<string> = []
  const answered = new Map<string, number>()
  upstreamAnswers(async ({ pathname, search }, _, request) => {
    asked.push(`${request.method} ${pathname}${search}`)
    const replies = [routes[pathname] ?? { status: 404, text: `nothing at ${pathname}` }].flat()
    const count = answered.get(pathname) ?? 0
    answered.set(pathname, count + 1)
    return answer(replies[Math.min(count, replies.length - 1)] ?? {}, request, `${pathname}${search}`)
  })
  return asked
}

const answer = async (reply: Reply, request: Request, url: string): Promise<Response> => {
  if (reply.lost === "never") return new Promise<Response>(() => {})
  if (reply.lost === "broken") throw new TypeError("the connection broke")
  const json = reply.echo === undefined ? reply.json : {
    method: request.method,
    url,
    headers: Object.fromEntries(reply.echo.flatMap((name) => {
      const value = request.headers.get(name)
      return value === null ? [] : [[name, value]]
    })),
    body: await request.text()
  }
  const text = json === undefined ? reply.text ?? null : JSON.stringify(json)
  const type = json === undefined ? "text/plain" : "application/json"
  return new Response(request.method === "HEAD" ? null : text, {
    status: reply.status ?? 200,
    headers: { ...(text === null ? {} : { "content-type": type }), ...reply.headers }
  })
}
