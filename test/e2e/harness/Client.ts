import { request } from "node:http"

/** What is sent: a `body` as JSON, or `raw` as it is. A `raw` of several parts goes in chunks, without a length. */
export interface Content {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly raw?: string | Uint8Array | ReadonlyArray<Uint8Array>
}

/** What came back. `json` is undefined when the body is not JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  readonly json: unknown
}

/** Nothing here may take longer: the longest wait that a client can ask for is 25 s. */
const timeoutMillis = 60_000

/** Sends a request as it is written, with no repair of its path or headers as `fetch` would do. */
export const send = (url: string, method: string, path: string, content: Content = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      path,
      headers: headersOf(content),
      agent: false,
      signal: AbortSignal.timeout(timeoutMillis)
    })
    outgoing.once("response", (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.once("error", reject)
      response.once("end", () => {
        const text = Buffer.concat(chunks).toString()
        const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
        resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(headers), text, json: parse(text) })
      })
    })
    outgoing.once("error", reject)
    for (const part of partsOf(content)) outgoing.write(part)
    outgoing.end()
  })

/** The calls of one caller: a key and an address, which may change as the service starts again. */
export const clientOf =
  (service: { readonly url: string }, key: string) =>
  (method: string, path: string, content: Content = {}): Promise<Answer> =>
    send(service.url, method, path, { ...content, headers: { "x-api-key": key, ...content.headers } })
export type Client = ReturnType<typeof clientOf>

const partsOf = ({ body, raw }: Content): ReadonlyArray<string | Uint8Array> =>
  raw === undefined
    ? body === undefined ? [] : [JSON.stringify(body)]
    : typeof raw === "string" || raw instanceof Uint8Array
    ? [raw]
    : raw

const headersOf = (content: Content): Record<string, string> => {
  const parts = partsOf(content)
  return {
    ...(content.body === undefined ? {} : { "content-type": "application/json" }),
    ...(parts.length > 1
      ? {}
      : { "content-length": String(parts.reduce((bytes, part) => bytes + Buffer.byteLength(part), 0)) }),
    ...content.headers
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
