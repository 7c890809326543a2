import type { IncomingMessage, ServerResponse } from "node:http"
import { createServer } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream } from "node:stream/web"

/** Answers web requests at a port of this machine. */
export interface WebServer {
  /** Where it answers, without a path. */
  readonly url: string
  readonly close: () => Promise<void>
}

/** Serves a handler of web requests on a free port; a client that goes away aborts its request. */
export const serveWeb = async (handle: (request: Request) => Promise<Response>): Promise<WebServer> => {
  const server = createServer((incoming, outgoing) => {
    answer(handle, incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("The server has no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      })
  }
}

const answer = async (
  handle: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse
) => {
  const gone = new AbortController()
  outgoing.on("close", () => gone.abort())
  const response = await handle(await requestOf(incoming, gone.signal))
  outgoing.writeHead(response.status, [...response.headers].flat())
  if (response.body === null) {
    outgoing.end()
    return
  }
  outgoing.flushHeaders()
  // SAFETY: Node's own stream of the web, which the types of the Worker hide.
  await pipeline(Readable.fromWeb(response.body as unknown as ReadableStream), outgoing)
}

/** The request as the platform would give it: its URL has the name by which the client has asked. */
const requestOf = async (incoming: IncomingMessage, signal: AbortSignal): Promise<Request> => {
  const { method = "GET", rawHeaders, url = "/" } = incoming
  const headers = new Headers()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(String(rawHeaders[at]), String(rawHeaders[at + 1]))
  }
  const chunks: Array<Buffer> = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
  const body = chunks.length === 0 ? null : Buffer.concat(chunks)
  return new Request(`http://${headers.get("host")}${url}`, { method, headers, body, signal })
}
