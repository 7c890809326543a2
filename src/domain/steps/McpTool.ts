import { Schema } from "effect"
import { Limits } from "../Limits.ts"
import { HttpAuth, HttpUrl } from "./HttpRequest.ts"
import { stepInput } from "./Input.ts"

/** Calls a tool of an MCP server; the output is the tool's structured content, else its list of content blocks. */
export const McpToolConfig = Schema.Struct({
  url: HttpUrl.annotateKey({
    description: "The MCP server's address (Streamable HTTP), without credentials",
    examples: ["https://mcp.example.com/mcp"]
  }),
  tool: Schema.NonEmptyString.check(Schema.isMaxLength(Limits.nameCharacters)).annotateKey({
    description: "The tool's name",
    examples: ["create_ticket"]
  }),
  arguments: Schema.optionalKey(Schema.JsonObject).annotateKey({
    description: "The tool's arguments by name: none by default"
  }),
  auth: Schema.optionalKey(HttpAuth).annotateKey({ description: "Who calls: the header is made from it" }),
  maxBytes: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.responseBytes })))
    .annotateKey({
      description: "A server that answers more than this in all fails the step",
      default: Limits.responseBytes
    }),
  input: stepInput
}).annotate({
  identifier: "McpToolConfig",
  description:
    "Calls a tool of an MCP server; the output is the tool's structured content, else its list of content blocks"
})
export type McpToolConfig = typeof McpToolConfig.Type
