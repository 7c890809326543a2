import type { JSONRPCMessage, Server } from "@modelcontextprotocol/server"
import { isJSONRPCResponse } from "@modelcontextprotocol/server"

/** What a server remembers of its clients before 2026-07-28, and our service does not: the suite has but one client. */
export class Session {
  private readonly servers: Array<Server> = []
  private readonly watched = new Set<string>()

  /** Lets a server, made for one request, take part. */
  readonly extend = (server: Server): void => {
    this.servers.push(server)
    server.setRequestHandler("resources/subscribe", ({ params }) => {
      this.watched.add(params.uri)
      return {}
    })
    server.setRequestHandler("resources/unsubscribe", ({ params }) => {
      this.watched.delete(params.uri)
      return {}
    })
  }

  /** Hands an answer of the client to the server that asked: false if it is none. */
  takes(body: unknown): boolean {
    if (!isJSONRPCResponse(body)) return false
    const message: JSONRPCMessage = body
    // One that has answered its request has no transport any more.
    for (const server of this.servers) server.transport?.onmessage?.(message)
    return true
  }
}
