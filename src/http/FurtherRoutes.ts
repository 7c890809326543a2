import { Context, Effect } from "effect"
import type { Route } from "effect/http/HttpRouter"
import type { Callers } from "./Callers.ts"
import type { Quota } from "./Quota.ts"

/** What is served besides the API and its pages: other faces of the service, which know their callers as the API does. */
export const FurtherRoutes = Context.Reference<Effect.Effect<ReadonlyArray<Route>, never, Callers | Quota>>(
  "atlasit/http/FurtherRoutes",
  { defaultValue: () => Effect.succeed([]) }
)
