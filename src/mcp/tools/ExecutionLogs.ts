import { Effect, Schema } from "effect"
import { Limits } from "../../domain/Limits.ts"
import { LogLevel } from "../../domain/LogEntry.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { decodeLogCursor, encodeLogCursor, LogCursor } from "../../http/api/LogCursor.ts"
import { logPage } from "../../http/LogPage.ts"
import { Executions } from "../../services/Executions.ts"
import { executionId, page } from "../Arguments.ts"
import { fittingPage } from "../Size.ts"
import { defineTool } from "../Tool.ts"
import { untrusted } from "../views/Untrusted.ts"

const Line = Schema.Struct({
  timestamp: Timestamp,
  level: LogLevel,
  stepId: Schema.optionalKey(Schema.String),
  attempt: Schema.optionalKey(Schema.Int),
  untrusted: untrusted({ message: Schema.String, data: Schema.optionalKey(Schema.Json) })
})

const tool = defineTool({
  name: "execution_logs",
  title: "Read an execution's log",
  description: "Reads what an execution logged, oldest first: starts, ends, retries and errors of its steps.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({
    executionId,
    level: Schema.optionalKey(LogLevel).annotateKey({ description: "This level and above", default: "debug" }),
    limit: page.limit,
    cursor: Schema.optionalKey(LogCursor)
  }),
  output: Schema.Struct({ items: Schema.Array(Line), nextCursor: Schema.NullOr(Schema.String) })
})

/** Reads a log. */
export const executionLogs = Effect.map(
  Executions,
  (executions) =>
    tool(
      Effect.fn("execution_logs")(function*({ cursor, executionId, level = "debug", limit }, { principal }) {
        const entries = yield* executions.logs(principal, executionId)
        const offset = cursor === undefined ? 0 : decodeLogCursor(cursor) ?? 0
        const found = logPage(entries, { level, limit: limit ?? Limits.toolPageItemsDefault, offset })
        return fittingPage(found, lineOf, (entry) => encodeLogCursor(entries.indexOf(entry) + 1))
      })
    )
)

const lineOf = (
  { data, message, ...entry }: Effect.Success<ReturnType<Executions["Service"]["logs"]>>[number]
): typeof Line.Type => ({ ...entry, untrusted: { message, ...(data === undefined ? {} : { data }) } })
