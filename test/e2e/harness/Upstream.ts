import { once } from "node:events"
import type { IncomingHttpHeaders } from "node:http"
import { createServer } from "node:http"
import { listen } from "./Ports.ts"

/** A request that came. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** When the caller closed the connection before it had its answer; null: it did not. */
  closedAt: number | null
}

/** What is answered; a status of 200 unless it says otherwise. */
export interface Reply {
  readonly status?: number
  readonly json: unknown
}

/** An HTTP server that the steps call. It records every request; `reply` decides on the answer, now or later. */
export class Upstream {
  readonly calls: Array<Call> = []
  url = ""
  reply: (call: Call) => Reply | Promise<Reply>

  private constructor(reply: Upstream["reply"]) {
    this.reply = reply
  }

  static async start(reply: Upstream["reply"]): Promise<Upstream> {
    const upstream = new Upstream(reply)
    upstream.url = `http://127.0.0.1:${await listen(upstream.server)}`
    return upstream
  }

  /** The requests that came for a path. */
  callsOf(path: string): ReadonlyArray<Call> {
    return this.calls.filter((call) => call.path === path)
  }

  async dispose(): Promise<void> {
    this.server.close()
    this.server.closeAllConnections()
    await once(this.server, "close")
  }

  private readonly server = createServer(async (request, response) => {
    const chunks: Array<Buffer> = []
    for await (const chunk of request) chunks.push(chunk)
    const call: Call = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      closedAt: null
    }
    response.once("close", () => {
      if (!response.writableFinished) call.closedAt = Date.now()
    })
    this.calls.push(call)
    const { json, status = 200 } = await this.reply(call)
    if (response.destroyed) return
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json))
  })
}

/** An answer that never comes. */
export const never = new Promise<Reply>(() => {})
