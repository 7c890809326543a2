import type { ContentBlock, GetPromptResult, InputRequiredResult } from "@modelcontextprotocol/server"
import { inputRequired } from "@modelcontextprotocol/server"
import { Effect } from "effect"
import type { Call, Prompt } from "../../../src/mcp/Catalog.ts"
import { png } from "./Content.ts"
import { form, textOf } from "./Questions.ts"

const messages = (...contents: ReadonlyArray<ContentBlock>): GetPromptResult => ({
  messages: contents.map((content) => ({ role: "user", content }))
})

const text = (text: string): ContentBlock => ({ type: "text", text })

const prompt = (
  name: string,
  names: ReadonlyArray<string>,
  get: (args: Readonly<Record<string, string>>, call: Call) => GetPromptResult | InputRequiredResult
): Prompt => ({
  scope: "read",
  describe: () => ({
    name,
    description: `The suite gets ${name}`,
    arguments: names.map((argument) => ({ name: argument, description: "An argument", required: true }))
  }),
  get: (args, call) => Effect.sync(() => get(args, call)),
  complete: (_, value) => Effect.succeed({ values: [`${value}ing`, `${value}ed`], hasMore: false })
})

/** Prompts that the suite lists and gets. */
export const prompts = [
  prompt("test_simple_prompt", [], () => messages(text("This is a simple prompt for testing."))),
  prompt(
    "test_prompt_with_arguments",
    ["arg1", "arg2"],
    ({ arg1, arg2 }) => messages(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))
  ),
  prompt("test_prompt_with_embedded_resource", ["resourceUri"], ({ resourceUri }) =>
    messages({
      type: "resource",
      resource: { uri: String(resourceUri), mimeType: "text/plain", text: "Embedded resource content for testing." }
    }, text("Please process the embedded resource above."))),
  prompt(
    "test_prompt_with_image",
    [],
    () => messages({ type: "image", data: png, mimeType: "image/png" }, text("Please analyze the image above."))
  ),
  prompt("test_input_required_result_prompt", [], (_, call) => {
    const context = textOf(call, "user_context", "context")
    return context === undefined
      ? inputRequired({ inputRequests: { user_context: form("What context should the prompt use?", "context") } })
      : messages(text(`The context is ${context}`))
  })
]
