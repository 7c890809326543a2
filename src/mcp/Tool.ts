import type { CallToolResult, ContentBlock, InputRequiredResult } from "@modelcontextprotocol/server"
import { Cause, Effect, Schema } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import { fromSchemaIssue } from "../domain/Issues.ts"
import type { Scope } from "../domain/Principal.ts"
import type { PublicError } from "../http/Problems.ts"
import { invalidData, refusalOf } from "../http/Problems.ts"
import { failure, orInternalError, success } from "./Answers.ts"
import type { Call, Tool } from "./Catalog.ts"
import type { ObjectNode } from "./JsonSchema.ts"
import { inputSchemaOf, outputSchemaOf } from "./JsonSchema.ts"

/** What is said of a tool. */
export interface ToolSpec<Input, Output> {
  /** At most 40 characters of `A-Z a-z 0-9 _ -`. */
  readonly name: string
  readonly title: string
  /** When a model is to use it. */
  readonly description: string
  readonly scope: Scope
  readonly isForAllWorkflows?: true
  readonly hints: { readonly readOnly: boolean; readonly destructive?: boolean; readonly idempotent?: boolean }
  readonly input: Schema.Codec<Input, unknown>
  readonly output: Schema.Codec<Output, unknown>
  /** How long it may wait, in milliseconds: none by default. */
  readonly waitsFor?: (input: Input) => number
}

/** What a tool answers: its output, and links to what is too large for it; or a question to the user. */
export type Reply<Output> =
  | { readonly output: Output; readonly links?: ReadonlyArray<ContentBlock> }
  | { readonly question: InputRequiredResult }
  | { readonly refused: CallToolResult }

/** Expected errors of tools. */
export type ToolError = PublicError | StorageError

/** Makes tools of what is said of one: their schemas are made once, at the first look. */
export const defineTool = <Input, Output>(spec: ToolSpec<Input, Output>) => {
  let schemas: { readonly inputSchema: ObjectNode; readonly outputSchema: ObjectNode } | undefined
  const schemasOf = () =>
    schemas ??= { inputSchema: inputSchemaOf(spec.input), outputSchema: outputSchemaOf(spec.output) }
  const decode = Schema.decodeUnknownResult(spec.input)
  const encode = Schema.encodeEffect(Schema.toCodecJson(spec.output))
  const strict = { errors: "all", onExcessProperty: "error" } as const

  return (run: (input: Input, call: Call) => Effect.Effect<Reply<Output>, ToolError>): Tool => ({
    name: spec.name,
    scope: spec.scope,
    ...(spec.isForAllWorkflows === undefined ? {} : { isForAllWorkflows: spec.isForAllWorkflows }),
    isLong: (args) => {
      const input = decode(args ?? {}, strict)
      return input._tag === "Success" && (spec.waitsFor?.(input.success) ?? 0) > 0
    },
    describe: () => ({
      name: spec.name,
      title: spec.title,
      description: spec.description,
      ...schemasOf(),
      annotations: { ...hintsOf(spec.hints), openWorldHint: false }
    }),
    call: (args, call) => {
      const given = args ?? {}
      const input = decode(given, strict)
      if (input._tag === "Failure") {
        const issues = fromSchemaIssue(input.failure.issue, given)
        return Effect.succeed(failure(call.requestId, invalidData("REQUEST-001", issues)))
      }
      return answered(run(input.success, call), call, encode)
    }
  })
}

/** Of a tool that only reads, what it destroys and whether it may be repeated need not be said. */
const hintsOf = ({ destructive = false, idempotent = false, readOnly }: ToolSpec<unknown, unknown>["hints"]) =>
  readOnly
    ? { readOnlyHint: true }
    : { readOnlyHint: false, destructiveHint: destructive, idempotentHint: idempotent }

const answered = <Output>(
  reply: Effect.Effect<Reply<Output>, ToolError>,
  { requestId }: Call,
  encode: (output: Output) => Effect.Effect<unknown, Schema.SchemaError>
) =>
  reply.pipe(
    Effect.flatMap((reply): Effect.Effect<CallToolResult | InputRequiredResult> => {
      if ("question" in reply) return Effect.succeed(reply.question)
      if ("refused" in reply) return Effect.succeed(reply.refused)
      return Effect.map(Effect.orDie(encode(reply.output)), (structured) => success(Object(structured), reply.links))
    }),
    refusing(requestId)
  )

/** Turns what a service fails with into an answer. A store that fails is a defect here: it is logged, not told. */
export const refusing = (requestId: Call["requestId"]) =>
<A>(
  effect: Effect.Effect<A, ToolError>
): Effect.Effect<A | CallToolResult> =>
  effect.pipe(
    Effect.catch((error: ToolError) => {
      if (error._tag === "StorageError") return Effect.die(error)
      const answer = Effect.succeed(failure(requestId, refusalOf(error)))
      return error._tag === "EngineUnavailable"
        ? Effect.andThen(Effect.logWarning("The engine did not answer", Cause.fail(error)), answer)
        : answer
    }),
    orInternalError(requestId)
  )
