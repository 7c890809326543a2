import type { Tool as ToolDescription } from "@modelcontextprotocol/server"
import { Effect, Option, Schema } from "effect"
import { ExecutionInvalid } from "../../domain/Errors.ts"
import { ExecutionStatus, isTerminal } from "../../domain/Execution.ts"
import { ExecutionId } from "../../domain/Ids.ts"
import { isObject, jsonBytes } from "../../domain/Json.ts"
import { Limits } from "../../domain/Limits.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import { decodeToolCursor, encodeToolCursor, toolTriggerOf } from "../../domain/WorkflowTool.ts"
import { Executions } from "../../services/Executions.ts"
import type { WorkflowTool } from "../../services/WorkflowToolRepository.ts"
import { WorkflowTools } from "../../services/WorkflowTools.ts"
import { success } from "../Answers.ts"
import { argumentSchemaOf } from "../ArgumentSchema.ts"
import type { FurtherTools, Tool } from "../Catalog.ts"
import { outputSchemaOf } from "../JsonSchema.ts"
import { Running, telling } from "../Running.ts"
import { clipped, wellFormed } from "../Size.ts"
import { refusing } from "../Tool.ts"
import { ExecutionView } from "../views/Execution.ts"
import { untrusted } from "../views/Untrusted.ts"

/** How many of the tools one page of their list tells of. */
const pageItems = 50

/** What becomes of a workflow that is run as a tool. */
const ToolRun = Schema.Struct({
  executionId: ExecutionId,
  status: ExecutionStatus,
  errorCode: ExecutionView.fields.errorCode,
  waitingFor: Schema.Array(Schema.Struct({ step: Schema.String, signal: Schema.String })),
  untrusted: untrusted({ outputs: Schema.Json, error: Schema.Json })
})

let outputSchema: ToolDescription["outputSchema"]

const describe = (
  { description, id, inputSchema, name, tool }: Pick<
    WorkflowTool,
    "tool" | "id" | "name" | "description" | "inputSchema"
  >
): ToolDescription => {
  const told = argumentSchemaOf(inputSchema)
  const said = description === null || description.trim() === "" ? name : clipped(description, descriptionTold)
  return wellFormed({
    name: tool,
    title: name,
    description: `Runs a workflow and answers its outputs.${
      told === undefined ? ` Its arguments are too many to be told: workflow_get ${id}, fields inputSchema.` : ""
    } Its author says of it: ${said}`,
    inputSchema: told ?? { type: "object" },
    outputSchema: outputSchema ??= outputSchemaOf(ToolRun),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true }
  })
}

/** Characters of a description: the rest is in the workflow. */
const descriptionTold = 1_000

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
          id: workflow.id,
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
          const { errorCode, id, status, untrusted: { error = null, outputs = null }, waitingFor = [] } = output
          const answer = { executionId: id, status, errorCode, waitingFor, untrusted: { outputs, error } }
          return {
            ...success(answer, links),
            ...(isTerminal(status) && status !== "completed" ? { isError: true } : {})
          }
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
