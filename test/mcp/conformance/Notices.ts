import { MissingRequiredClientCapabilityError } from "@modelcontextprotocol/server"
import { Effect } from "effect"
import type { Call } from "../../../src/mcp/Catalog.ts"
import { fixture, said } from "./Tools.ts"

const log = ({ context }: Call, text: string) => Effect.promise(() => context.mcpReq.log("info", text))

/** Tools that tell something before they answer, or refuse to. */
export const noticeTools = [
  fixture("test_tool_with_progress", (_, { tell }) =>
    Effect.gen(function*() {
      for (const part of ["begun", "half done", "done"]) {
        if (tell !== undefined) yield* tell(part)
        yield* Effect.yieldNow
      }
      return said("Done")
    })),
  fixture("test_tool_with_logging", (_, call) =>
    Effect.gen(function*() {
      yield* log(call, "Tool execution started")
      yield* log(call, "Tool processing data")
      yield* log(call, "Tool execution completed")
      return said("Logged")
    })),
  fixture("test_logging_tool", (_, call) => Effect.as(log(call, "To whoever asked for it"), said("Logged"))),
  fixture(
    "test_missing_capability",
    () => Effect.die(new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } }))
  )
]
