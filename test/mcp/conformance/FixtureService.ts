import type { ServerCapabilities } from "@modelcontextprotocol/server"
import { makeMemoryMcp, operatorKey } from "../MemoryMcp.ts"
import { fixtureCatalog } from "./FixtureCatalog.ts"
import { Session } from "./Session.ts"
import type { WebServer } from "./WebServer.ts"
import { serveWeb } from "./WebServer.ts"

/** By these names a client on this machine may ask. */
const localNames = "localhost,127.0.0.1,[::1]"

/** What only a server with sessions can do, for the revisions before 2026-07-28. */
const ofSessions: ServerCapabilities = { logging: {}, resources: { listChanged: false, subscribe: true } }

/**
 * The service's own MCP server with the suite's fixtures in it. The suite shows no key: it is shown here, in the suite's
 * place.
 */
export const serveFixtures = async ({ sessions }: { readonly sessions: boolean }): Promise<WebServer> => {
  const session = new Session()
  const catalog = sessions ? fixtureCatalog(ofSessions, session.extend) : fixtureCatalog({ logging: {} }, () => {})
  const service = makeMemoryMcp({ catalog, variables: { MCP_ALLOWED_HOSTS: localNames } })
  const server = await serveWeb(async (request) => {
    if (sessions && request.method === "POST" && session.takes(await jsonOf(request.clone()))) {
      return new Response(null, { status: 202 })
    }
    request.headers.set("x-api-key", operatorKey)
    return await service.handle(request)
  })
  return {
    url: server.url,
    close: async () => {
      await server.close()
      await service.dispose()
    }
  }
}

const jsonOf = (request: Request): Promise<unknown> => request.json().catch(() => undefined)
