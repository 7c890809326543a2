import type { CallToolResult, ContentBlock, Tool as ToolDescription } from "@modelcontextprotocol/server"
import { Effect } from "effect"
import type { Answer, Call, Tool } from "../../../src/mcp/Catalog.ts"

/** A fixture: a tool of this name, which everybody may call. */
export const fixture = (
  name: string,
  call: (args: Readonly<Record<string, unknown>>, call: Call) => Effect.Effect<Answer>,
  inputSchema: ToolDescription["inputSchema"] = { type: "object" }
): Tool => ({
  name,
  scope: "read",
  isLong: () => false,
  describe: () => ({ name, description: `The suite calls ${name}`, inputSchema }),
  call: (args, context) => call(Object(args ?? {}), context)
})

/** The schema of arguments that are texts, all of them required. */
export const texts = (...names: ReadonlyArray<string>): ToolDescription["inputSchema"] => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
  required: [...names]
})

/** An answer of one text. */
export const said = (text: string): CallToolResult => ({ content: [{ type: "text", text }] })

/** Answers the same at each call. */
export const constant = (name: string, ...content: ReadonlyArray<ContentBlock>): Tool =>
  fixture(name, () => Effect.succeed({ content: [...content] }))
