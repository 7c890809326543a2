/** A request that a step made. */
export interface Asked {
  readonly url: string
  readonly key: string | null
}

/** Answers a step's request; the default answers every address alike. */
type Answer = (url: URL, signal: AbortSignal | null | undefined, request: Request) => Response | Promise<Response>

const asked: Array<Asked> = []

export const items = [{ id: 1, name: "one", active: true }, { id: 2, name: "two", active: false }]

const answerItems: Answer = () => Response.json(items)
let answer = answerItems

/** Where the steps of the tests call: nothing is there but what a test lets answer. */
export const upstreamUrl = "https://upstream.test"

/** Forgets the requests so far, and lets this answer the next ones. */
export const upstreamAnswers = (next: Answer = answerItems): void => {
  asked.length = 0
  answer = next
}

/** Lets every request from now on be answered. */
export const upstreamGoesOn = (): void => {
  answer = answerItems
}

/** The requests since the last `upstreamAnswers`. */
export const askedOfUpstream = (): ReadonlyArray<Asked> => asked

/** An answer that never comes. */
export const never: Answer = () => new Promise(() => {})

// The objects run in this isolate too: their calls to the upstream end here.
const platformFetch = globalThis.fetch
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init)
  const url = new URL(request.url)
  if (url.origin !== upstreamUrl) return platformFetch(input, init)
  asked.push({ url: `${url.pathname}${url.search}`, key: request.headers.get("idempotency-key") })
  return answer(url, init?.signal, request)
}
