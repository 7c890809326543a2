import { Context, Effect, Layer } from "effect"
import type * as Loaded from "./Loaded.ts"
import { Mcp } from "./Mcp.ts"
import * as Routes from "./Routes.ts"

/**
 * The server is loaded at the first request to it: its protocol's schemas would more than double what every start of the
 * Worker costs. Requests that come at the same time load it each for itself, since none may wait for another.
 */
const atFirstRequest = Layer.effect(
  Mcp,
  Effect.gen(function*() {
    const services = yield* Effect.context<Layer.Services<typeof Loaded.layer>>()
    const scope = yield* Effect.scope
    let loaded: Mcp["Service"] | undefined

    const load = Effect.gen(function*() {
      const { layer } = yield* Effect.promise(() => import("./Loaded.ts"))
      const built = yield* Layer.buildWithScope(layer, scope)
      return loaded = Context.get(built, Mcp)
    }).pipe(Effect.provideContext(services))

    return Mcp.of({
      answer: (incoming) =>
        Effect.flatMap(
          Effect.suspend(() => loaded === undefined ? load : Effect.succeed(loaded)),
          (mcp) => mcp.answer(incoming)
        )
    })
  })
)

/** The MCP server at `/mcp`, for `HttpApp`. */
export const layer = Routes.layer.pipe(Layer.provide(atFirstRequest))
