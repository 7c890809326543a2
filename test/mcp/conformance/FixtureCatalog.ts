import type { ServerCapabilities } from "@modelcontextprotocol/server"
import { Effect } from "effect"
import type { Catalog } from "../../../src/mcp/Catalog.ts"
import { contentTools } from "./Content.ts"
import { noticeTools } from "./Notices.ts"
import { prompts } from "./Prompts.ts"
import { pushedTools } from "./Pushed.ts"
import { questionTools } from "./Questions.ts"
import { resources } from "./Resources.ts"

/** What the suite expects a server to offer, for the service's own handler to serve. */
export const fixtureCatalog = (
  capabilities: ServerCapabilities,
  extend: Catalog["Service"]["extend"]
): Catalog["Service"] => ({
  instructions: "The suite's fixtures",
  tools: [...contentTools, ...noticeTools, ...questionTools, ...pushedTools],
  further: {
    list: () => Effect.succeed({ items: [], nextCursor: null }),
    find: () => Effect.succeedNone
  },
  resources,
  prompts,
  capabilities,
  extend
})
