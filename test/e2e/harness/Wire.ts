import { Schema } from "effect"

/** A request of a client, and what came back for it, as it went over the wire. */
export interface Exchange {
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly method: string
  readonly params: Schema.JsonObject
  /** What was told before the answer. */
  readonly notifications: ReadonlyArray<{ readonly method: string; readonly params: Schema.JsonObject }>
  readonly result: Schema.JsonObject
}

const Request = Schema.fromJsonString(Schema.Struct({ method: Schema.String, params: Schema.JsonObject }))
const Notification = Schema.Struct({ method: Schema.String, params: Schema.JsonObject })
const Answer = Schema.Struct({ result: Schema.JsonObject })
const Message = Schema.fromJsonString(Schema.Union([Answer, Notification]))

const decodeRequest = Schema.decodeUnknownSync(Request)
const decodeMessage = Schema.decodeUnknownSync(Message)

/** Records what a client and its server say to each other. */
export class Wire {
  private readonly recorded: Array<Promise<Exchange>> = []

  /** For the client's transport, in place of the global one. */
  readonly fetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init)
    // The client reads its own copy as it comes.
    const text = response.clone().text()
    this.recorded.push(text.then((text) => exchangeOf(init, response, text)))
    return response
  }

  /** What was said since it was last asked. */
  take(): Promise<ReadonlyArray<Exchange>> {
    return Promise.all(this.recorded.splice(0))
  }
}

const exchangeOf = (init: RequestInit | undefined, response: Response, text: string): Exchange => {
  const { method, params } = decodeRequest(init?.body)
  const isStream = response.headers.get("content-type") === "text/event-stream"
  const notifications: Array<typeof Notification.Type> = []
  let result: Schema.JsonObject | undefined
  for (const message of (isStream ? dataOf(text) : [text]).map((text) => decodeMessage(text))) {
    if ("result" in message) result = message.result
    else notifications.push(message)
  }
  if (result === undefined) throw new Error(`There is no result for ${method}: ${text}`)
  return { headers: [...new Headers(init?.headers)], method, params, notifications, result }
}

/** What the events of a stream hold; comments hold nothing. */
const dataOf = (stream: string): ReadonlyArray<string> =>
  [...stream.matchAll(/^data: (.*)$/gm)].flatMap(([, data = ""]) => data === "" ? [] : [data])
