import type { Effect } from "effect"
import { Context } from "effect"
import type { RequestId } from "../domain/Ids.ts"
import type { Principal } from "../domain/Principal.ts"

/** A request with its body read, by a caller who was let in. */
export interface Incoming {
  readonly request: Request
  readonly body: unknown
  readonly principal: Principal
  readonly requestId: RequestId
}

/** Answers requests of the Model Context Protocol, of any revision: each by a server of its own, without a session. */
export class Mcp extends Context.Service<Mcp, {
  readonly answer: (incoming: Incoming) => Effect.Effect<Response>
}>()("atlasit/mcp/Mcp") {}
