import { Effect, Layer, Option } from "effect"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import { CurrentCaller, OptionalAuthentication } from "../api/Authentication.ts"
import { Callers } from "../Callers.ts"
import { Quota } from "../Quota.ts"

/** Lets everybody in, and tells who shows a valid key. A key that is not valid is as good as none. */
export const layer = Layer.effect(
  OptionalAuthentication,
  Effect.gen(function*() {
    const callers = yield* Callers
    const quota = yield* Quota

    return OptionalAuthentication.of(Effect.fnUntraced(function*(app) {
      const { headers } = yield* HttpServerRequest
      const caller = yield* callers.recognize(headers)
      if (Option.isSome(caller)) yield* quota.consume(caller.value)
      return yield* Effect.provideService(app, CurrentCaller, caller)
    }))
  })
)
