import type { Client, Tool } from "@modelcontextprotocol/client"
import { Deferred, Effect } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import { Limits } from "../../domain/Limits.ts"
import type { McpToolConfig } from "../../domain/steps/McpTool.ts"
import { version } from "../../domain/Version.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"
import { idempotencyKey, StepFailure } from "../StepHandler.ts"
import { makeFollow } from "./calls/Follow.ts"
import { makeExchange } from "./mcp/Exchange.ts"
import type { Sdk } from "./mcp/Failures.ts"
import { clientFailure, toolFailure } from "./mcp/Failures.ts"
import type { Trouble } from "./mcp/Trouble.ts"
import { watched } from "./mcp/Watched.ts"

/** The client is a large part of the Worker: it is evaluated when the first step needs it, not when the Worker starts. */
export const loadClient: Effect.Effect<Sdk> = Effect.promise(() => import("./mcp/Sdk.ts"))

/** The client's own timeouts are for nobody: the step has one, and its interruption ends the call. */
const timeout = Limits.stepTimeoutMaxMillis

/** A lost answer is not asked for again sooner than this, whatever the server says. */
const reconnectMinMillis = 1_000

/** How long the end of a session may take: what comes after the step does not wait for longer. */
const farewell = "1 second"

/** Calls a tool of an MCP server. Interrupting it closes the connections and ends the session, if there is one. */
export const makeMcpTool = Effect.gen(function*() {
  const follow = yield* makeFollow

  const run = Effect.fnUntraced(function*(config: McpToolConfig, context: StepContext) {
    const sdk = yield* loadClient
    const failed = yield* Deferred.make<never, StepFailure>()
    const trouble: Trouble = {
      last: undefined,
      streamed: new Set(),
      end: (failure) => Deferred.doneUnsafe(failed, failure)
    }
    const { ask, fetch, fork } = yield* makeExchange(follow, config, context, trouble)

    const transport = new sdk.StreamableHTTPClientTransport(new URL(config.url), {
      fetch,
      redirectPolicy: "follow",
      reconnectionScheduler: (reconnect, delay) => {
        const waiting = fork(
          Effect.andThen(Effect.sleep(Math.max(delay, reconnectMinMillis)), Effect.sync(reconnect))
        )
        return () => waiting.interruptUnsafe()
      }
    })
    const client = new sdk.Client({ name: "AtlasIT Orchestrator", version }, {
      versionNegotiation: { mode: "auto" },
      inputRequired: { autoFulfill: false }
    })
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        const session = transport.sessionId
        return Effect.promise(() => transport.close()).pipe(
          Effect.andThen(
            session === undefined
              ? Effect.void
              : ask("DELETE", sessionHeaders(session, transport.protocolVersion), null)
          ),
          Effect.interruptible,
          Effect.timeoutOption(farewell),
          Effect.ignore
        )
      })
    )

    const called = Effect.tryPromise({
      try: async (signal) => {
        await client.connect(watched(transport, trouble, context.redact), { signal, timeout })
        return call(sdk, client, config.tool, config.arguments ?? {}, {
          signal,
          timeout,
          headers: { "idempotency-key": idempotencyKey(context) }
        })
      },
      catch: (error) => clientFailure(sdk, error, trouble, context.redact)
    })
    const result = yield* Effect.raceFirst(called, Deferred.await(failed))
    if (result.isError === true) return yield* toolFailure(result, context.redact)
    // SAFETY: it was read from JSON.
    return (result.structuredContent === undefined ? result.content : result.structuredContent) as Json
  }, Effect.scoped)

  return { run } satisfies StepHandler<McpToolConfig>
})

type CallOptions = NonNullable<Parameters<Client["callTool"]>[1]>

/**
 * Calls the tool. Without its definition, which is not needed: its schemas would have to be trusted to end, and the
 * server checks the arguments. Only where the server wants arguments in headers too, the definition tells which.
 */
const call = async (sdk: Sdk, client: Client, name: string, args: JsonObject, options: CallOptions) => {
  const params = { name, arguments: args }
  const bare: Tool = { name, inputSchema: { type: "object" } }
  try {
    return await client.callTool(params, { ...options, toolDefinition: bare })
  } catch (error) {
    if (!(error instanceof sdk.ProtocolError) || error.code !== headerMismatch) throw error
    const inputSchema = await inputSchemaOf(client, name, options)
    if (inputSchema === undefined) throw error
    return client.callTool(params, { ...options, toolDefinition: { name, inputSchema } })
  }
}

/** The JSON-RPC code of a request whose headers are not what its body asks for. */
const headerMismatch = -32_020

/** Looks a tool up in the first pages of the server's list. What they may take in all is bounded by the call's allowance. */
const inputSchemaOf = async (client: Client, name: string, { signal, timeout }: CallOptions) => {
  let cursor: string | undefined
  const seen = new Set<string | undefined>()
  for (let pages = 0; pages < Limits.mcpToolPages; pages++) {
    seen.add(cursor)
    const page = await client.request(
      { method: "tools/list", params: cursor === undefined ? {} : { cursor } },
      { ...(signal === undefined ? {} : { signal }), ...(timeout === undefined ? {} : { timeout }) }
    )
    const found = page.tools.find((tool) => tool.name === name)
    if (found !== undefined) return found.inputSchema
    cursor = page.nextCursor
    if (cursor === undefined) return undefined
    if (seen.has(cursor)) throw endless("comes back to a page that it has given")
  }
  throw endless(`has more than ${Limits.mcpToolPages} pages`)
}

const endless = (how: string): StepFailure =>
  new StepFailure({ code: "invalid-response", message: `The server's list of tools ${how}` })

const sessionHeaders = (session: string, version: string | undefined) => ({
  "mcp-session-id": session,
  ...(version === undefined ? {} : { "mcp-protocol-version": version })
})
