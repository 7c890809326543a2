import { Effect } from "effect"
import type { HttpClientRequest } from "effect/http"
import * as HttpClient from "effect/http/HttpClient"
import { Outbound } from "../../Outbound.ts"
import type { StepContext } from "../../StepHandler.ts"
import { StepFailure } from "../../StepHandler.ts"
import { isRedirect, redirected } from "./Request.ts"
import { discardBody, networkFailure } from "./Response.ts"

/** Redirects that are followed, each after a look at its address. */
const maximumRedirects = 5

/** What holds of a request and of those that follow its redirects. */
interface FollowOptions {
  /** Whether an answer of this status is taken as it is, though it may be a redirect. */
  readonly isTaken: (status: number) => boolean
  /** Headers, in lower case, that go to another origin as well: none by default. */
  readonly travelling?: ReadonlySet<string>
  /** It goes to no other origin. */
  readonly stays?: boolean
  /** Comes before each request: a failure keeps it from being sent. */
  readonly before?: Effect.Effect<void, StepFailure>
}

/** Sends a request as a tenant may: each address is checked, also those of redirects. Interrupting it closes the connection. */
export const makeFollow = Effect.gen(function*() {
  const client = yield* HttpClient.HttpClient
  const outbound = yield* Outbound

  const check = Effect.fnUntraced(function*(url: URL) {
    const refusal = outbound.refusal(url)
    if (refusal !== undefined) return yield* new StepFailure({ code: "blocked-address", message: refusal })
  })

  return Effect.fnUntraced(
    function*(
      first: HttpClientRequest.HttpClientRequest,
      firstUrl: URL,
      redact: StepContext["redact"],
      { before = Effect.void, isTaken, stays = false, travelling = new Set() }: FollowOptions
    ) {
      let request = first
      let url = firstUrl
      yield* check(url)
      for (let redirects = 0;; redirects++) {
        yield* before
        const response = yield* client.execute(request).pipe(
          Effect.mapError((error) => networkFailure(error, redact))
        )
        const location = response.headers["location"]
        if (!isRedirect(response.status) || location === undefined || isTaken(response.status)) return response
        yield* discardBody(response)
        if (redirects === maximumRedirects) return yield* notFollowed(`More than ${maximumRedirects} redirects`)
        if (!URL.canParse(location, url)) return yield* notFollowed("A redirect names no valid address")
        const next = new URL(location, url)
        yield* check(next)
        if (stays && next.origin !== url.origin) return yield* notFollowed("A redirect leads to another origin")
        request = redirected(request, response.status, url, next, travelling)
        if (url.protocol === "https:" && next.protocol === "http:" && request.body._tag !== "Empty") {
          return yield* notFollowed("A redirect from https to http would send the body unencrypted")
        }
        url = next
      }
    },
    Effect.provideService(HttpClient.TracerPropagationEnabled, false)
  )
})

const notFollowed = (message: string) => new StepFailure({ code: "http-3xx", message })

export type Follow = Effect.Success<typeof makeFollow>
