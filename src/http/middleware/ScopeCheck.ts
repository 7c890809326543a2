import { Context, Effect, Layer, Option } from "effect"
import { may } from "../../domain/Principal.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { RequiredScope, ScopeCheck } from "../api/Scopes.ts"
import { refuse } from "../Problems.ts"

/** Lets pass whose key has the endpoint's scope. Nobody passes where an endpoint declares none. */
export const layer = Layer.succeed(ScopeCheck, (app, { endpoint, group }) =>
  Effect.gen(function*() {
    const scope = Context.getOption(endpoint.annotations, RequiredScope)
    if (Option.isNone(scope)) {
      return yield* Effect.die(new Error(`${group.identifier}.${endpoint.identifier} declares no scope`))
    }
    if (may(yield* CurrentPrincipal, scope.value)) return yield* app
    return yield* refuse({ code: "AUTH-003", status: 403, detail: `The key has no scope ${scope.value}` })
  }))
