import type { Tool as ToolDescription } from "@modelcontextprotocol/server"
import { Effect, Option, Schema } from "effect"
import type { JsonObject } from "effect/Schema"
import { ExecutionInvalid } from "../../domain/Errors.ts"
import { ExecutionStatus } from "../../domain/Execution.ts"
import { ExecutionId } from "../../domain/Ids.ts"
import { isObject, jsonBytes } from "../../domain/Json.ts"
import { Limits } from "../../domain/Limits.ts"
import { utf8Bytes } from "../../domain/Text.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import { decodeToolCursor, encodeToolCursor, toolTriggerOf } from "../../domain/WorkflowTool.ts"
import { Executions } from "../../services/Executions.ts"
import type { WorkflowTool } from "../../services/WorkflowToolRepository.ts"
import { WorkflowTools } from "../../services/WorkflowTools.ts"
import { success } from "../Answers.ts"
import type { FurtherTools, Tool } from "../Catalog.ts"
import { outputSchemaOf } from "../JsonSchema.ts"
import { Running, telling } from "../Running.ts"
import { refusing } from "../Tool.ts"
import { ExecutionView } from "../views/Execution.ts"
import { untrusted } from "../views/Untrusted.ts"

/** How many of the tools one page of their list tells of. */
const pageItems = 50

/** An input schema that a client need not see whole: the service checks the inputs in any case. */
const schemaBytesTold = 8_000

/** What becomes of a workflow that is run as a tool. */
const ToolRun = Schema.Struct({
  executionId: ExecutionId,
  status: ExecutionStatus,
  errorCode: ExecutionView.fields.errorCode,
  waitingFor: Schema.Array(Schema.Struct({ step: Schema.String, signal: Schema.String })),
  untrusted: untrusted({ outputs: Schema.Json })
})

let outputSchema: ToolDescription["outputSchema"]

const describe = (
  { description, inputSchema, name, tool }: Pick<WorkflowTool, "tool" | "name" | "description" | "inputSchema">
): ToolDescription => ({
  name: tool,
  title: name,
  description: `Runs a workflow and answers its outputs. Its author says of it: ${
    description === null || description.trim() === "" ? name : description.slice(0, descriptionTold)
  }`,
  inputSchema: schemaOf(inputSchema),
  outputSchema: outputSchema ??= outputSchemaOf(ToolRun),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true }
})

/** Characters of a description: the rest is in the workflow. */
const descriptionTold = 1_000

/** What a workflow takes; a schema that is no object's, or too large, is told as any object. */
const schemaOf = (schema: JsonObject | null): ToolDescription["inputSchema"] => {
  if (schema === null || (schema["type"] !== undefined && schema["type"] !== "object")) return { type: "object" }
  const told = JSON.stringify(schema, withoutHeaders)
  return utf8Bytes(told) > schemaBytesTold ? { type: "object" } : { ...JSON.parse(told), type: "object" }
}

/** It would have clients repeat an argument in a header, where whoever passes the request on may write it down. */
const withoutHeaders = (key: string, value: unknown): unknown => key === "x-mcp-header" ? undefined : value

/** A tool for each workflow with an `mcp` trigger: its inputs are the arguments, and its outputs the answer. */
export const makeWorkflowTools = (taken: ReadonlySet<string>) =>
  Effect.gen(function*() {
    const tools = yield* WorkflowTools
    const executions = yield* Executions
    const running = yield* Running

    const toolOf = (workflow: Workflow, name: string): Tool => ({
      name,
      scope: "run",
      isLong: () => true,
      describe: () =>
        describe({
          tool: name,
          name: workflow.name,
          description: toolTriggerOf(workflow)?.description ?? null,
          inputSchema: workflow.inputSchema ?? null
        }),
      call: (args, call) =>
        Effect.gen(function*() {
          const inputs = decodeInputs(args ?? {})
          if (Option.isNone(inputs)) {
            return yield* new ExecutionInvalid({ issues: [{ path: ["inputs"], message: "must be an object" }] })
          }
          const execution = yield* executions.start(call.principal, {
            workflowId: workflow.id,
            workflow,
            inputs: inputs.value,
            trigger: "mcp",
            requestId: call.requestId,
            waitMillis: Limits.waitSeconds * 1_000,
            onProgress: telling(call)
          })
          const { links, output } = yield* running.show(execution, ["outputs", "error"])
          const { errorCode, id, status, untrusted, waitingFor } = output
          return success({ executionId: id, status, errorCode, waitingFor: waitingFor ?? [], untrusted }, links)
        }).pipe(refusing(call.requestId), Effect.withSpan("workflow_tool"))
    })

    const further: FurtherTools = {
      list: Effect.fnUntraced(function*(principal, cursor, room) {
        const after = cursor === undefined ? undefined : decodeToolCursor(cursor)
        if (cursor !== undefined && after === undefined) return yield* Effect.fail("The cursor is not one of this list")
        const page = yield* Effect.orDie(tools.list(principal, { limit: pageItems, after }, taken))
        const items = page.items.map(describe)
        let bytes = 0
        const over = items.findIndex((item) => (bytes += jsonBytes(item) + 1) > room)
        const last = page.items[over - 1]
        return over > 0 && last !== undefined
          ? { items: items.slice(0, over), nextCursor: encodeToolCursor(last.place) }
          : { items, nextCursor: page.nextCursor }
      }),
      find: (principal, name) =>
        Effect.orDie(tools.find(principal, name)).pipe(Effect.map(Option.map((workflow) => toolOf(workflow, name))))
    }
    return further
  })

const decodeInputs = (args: unknown) => Option.filter(Schema.decodeUnknownOption(Schema.JsonObject)(args), isObject)
