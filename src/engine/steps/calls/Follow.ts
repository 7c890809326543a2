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

/** Sends a request as a tenant may: each address is checked, also those of redirects. Interrupting it closes the connection. */
export const makeFollow = Effect.gen(function*() {
  const client = yield* HttpClient.HttpClient
  const outbound = yield* Outbound

  const send = Effect.fnUntraced(function*(
    request: HttpClientRequest.HttpClientRequest,
    url: URL,
    redact: StepContext["redact"]
  ) {
    const refusal = outbound.refusal(url)
    if (refusal !== undefined) return yield* new StepFailure({ code: "blocked-address", message: refusal })
    return yield* client.execute(request).pipe(Effect.mapError((error) => networkFailure(error, redact)))
  })

  return Effect.fnUntraced(
    function*(
      first: HttpClientRequest.HttpClientRequest,
      firstUrl: URL,
      redact: StepContext["redact"],
      /** Whether an answer of this status is taken as it is, though it may be a redirect. */
      isTaken: (status: number) => boolean,
      /** Headers, in lower case, that go to another origin as well. */
      travelling: ReadonlySet<string> = new Set()
    ) {
      let request = first
      let url = firstUrl
      for (let redirects = 0;; redirects++) {
        const response = yield* send(request, url, redact)
        const location = response.headers["location"]
        if (!isRedirect(response.status) || location === undefined || isTaken(response.status)) return response
        yield* discardBody(response)
        if (redirects === maximumRedirects) {
          return yield* new StepFailure({ code: "http-3xx", message: `More than ${maximumRedirects} redirects` })
        }
        if (!URL.canParse(location, url)) {
          return yield* new StepFailure({ code: "http-3xx", message: "A redirect names no valid address" })
        }
        const next = new URL(location, url)
        request = redirected(request, response.status, url, next, travelling)
        url = next
      }
    },
    Effect.provideService(HttpClient.TracerPropagationEnabled, false)
  )
})

export type Follow = Effect.Success<typeof makeFollow>
