import { createMcpHandler, createRequestStateCodec, Server } from "@modelcontextprotocol/server"
import { Effect, Layer, Option, Redacted, Result, Schema, Struct } from "effect"
import * as Digest from "effect/crypto/Digest"
import { canonical } from "../domain/Json.ts"
import type { Principal } from "../domain/Principal.ts"
import { may } from "../domain/Principal.ts"
import { version } from "../domain/Version.ts"
import { AppConfig } from "../services/AppConfig.ts"
import { callName, Cancellations, cancelledId } from "./Cancellations.ts"
import { Catalog } from "./Catalog.ts"
import { addHandlers, runnerOf } from "./Handlers.ts"
import type { Incoming } from "./Mcp.ts"
import { Mcp } from "./Mcp.ts"
import { maxSubscriptions, refusalOf } from "./Refusals.ts"

/** A call that waits sends a sign of life so often, and learns by it when the client is gone. */
const keepAliveMillis = 1_000

/** What does not change is to be asked for again after so long. The list of tools changes with the workflows. */
const listTtlMillis = 60_000

/** A client may carry the state of a question for so long. */
const stateSeconds = 3_600

/** Answers with the SDK, each request by a server of its own. */
export const layer = Layer.effect(
  Mcp,
  Effect.gen(function*() {
    const catalog = yield* Catalog
    const key = yield* stateKey
    const cancellations = new Cancellations()

    const isLong = (body: unknown, principal: Principal): boolean => {
      const call = Result.getOrUndefined(decodeToolCall(body))
      if (call === undefined) return false
      const { arguments: args, name } = call.params
      const own = catalog.tools.find((tool) => tool.name === name)
      // A tool that is not known here is a workflow's: it waits.
      return own === undefined ? may(principal, "run") : own.isLong(args)
    }

    const answer = Effect.fn("Mcp.answer")(function*({ body, principal, request, requestId }: Incoming) {
      const services = yield* Effect.context<never>()
      const taken = cancelledId(body)
      if (Option.isSome(taken)) cancellations.cancel(callName(request, principal.keyId, taken.value))
      const run = runnerOf(services, requestId)
      const codec = createRequestStateCodec({
        key,
        ttlSeconds: stateSeconds,
        bind: () => `${principal.keyId} ${askedFor(body)}`
      })
      const makeServer = () => {
        const server = new Server({ name: "atlasit-orchestrator", title: "AtlasIT Orchestrator", version }, {
          instructions: catalog.instructions,
          capabilities: {
            tools: { listChanged: false },
            resources: { listChanged: false, subscribe: false },
            prompts: { listChanged: false },
            completions: {},
            ...catalog.capabilities
          },
          requestState: { verify: (state, context) => codec.verify(state, context) },
          cacheHints: {
            "tools/list": { ttlMs: 0, cacheScope: "private" },
            "prompts/list": { ttlMs: listTtlMillis, cacheScope: "private" },
            "resources/list": { ttlMs: listTtlMillis, cacheScope: "private" },
            "resources/templates/list": { ttlMs: listTtlMillis, cacheScope: "private" },
            "resources/read": { ttlMs: 0, cacheScope: "private" }
          }
        })
        addHandlers(server, catalog, {
          principal,
          requestId,
          mint: codec.mint,
          whileWanted: ({ mcpReq: { envelope, id } }, answer) =>
            // A client of the newer revisions ends the request itself.
            envelope === undefined
              ? cancellations.while(callName(request, principal.keyId, id), answer).pipe(
                Effect.onInterrupt(() => Effect.promise(() => server.close()))
              )
              : answer
        }, run)
        return server
      }
      const handler = createMcpHandler(makeServer, {
        responseMode: isLong(body, principal) ? "sse" : "auto",
        keepAliveMs: keepAliveMillis,
        maxSubscriptions
      })
      return yield* Effect.promise(async () =>
        await refusalOf(request, body) ?? await handler.fetch(request, { parsedBody: body })
      )
    })

    return Mcp.of({ answer })
  })
)

const decodeToolCall = Schema.decodeUnknownResult(Schema.Struct({
  method: Schema.Literal("tools/call"),
  params: Schema.Struct({ name: Schema.String, arguments: Schema.optionalKey(Schema.Unknown) })
}))

/**
 * What a request asks for, apart from what a client adds when it asks again: a question's state is bound to it, by a digest,
 * so that an answer to another call is none.
 */
const askedFor = (body: unknown): string => {
  const request = Option.getOrUndefined(decodeRequest(body))
  if (request === undefined) return ""
  const { method, params = {} } = request
  return canonical({ method, params: Struct.omit(params, ["_meta", "inputResponses", "requestState"]) })
}

const decodeRequest = Schema.decodeUnknownOption(Schema.Struct({
  method: Schema.String,
  params: Schema.optionalKey(Schema.JsonObject)
}))

/** What the state of questions is signed with: the same in every isolate, and another one when the keys change. */
const stateKey = Effect.gen(function*() {
  const { allowedKeys, secretsKeys } = yield* AppConfig
  const { digest } = yield* Digest.Digest
  const secrets = [
    "atlasit mcp state",
    ...allowedKeys.map((key) => Redacted.value(key)),
    secretsKeys.current === null ? "" : Redacted.value(secretsKeys.current).join(" ")
  ]
  return yield* Effect.orDie(digest(Digest.sha256, new TextEncoder().encode(secrets.join("\n"))))
}).pipe(Effect.provide(Digest.layerWebCrypto))
