import type {
  CallToolResult,
  GetPromptResult,
  InputRequiredResult,
  Prompt as PromptDescription,
  ReadResourceResult,
  Resource as ResourceDescription,
  ResourceTemplateType,
  Server,
  ServerCapabilities,
  ServerContext,
  Tool as ToolDescription
} from "@modelcontextprotocol/server"
import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { RequestId } from "../domain/Ids.ts"
import type { Principal, Scope } from "../domain/Principal.ts"

/** What a handler knows of the call that it answers. */
export interface Call {
  readonly principal: Principal
  readonly requestId: RequestId
  /** Tells the client what happens meanwhile; undefined: it did not ask for that. */
  readonly tell: ((message: string) => Effect.Effect<void>) | undefined
  /** The protocol's own view of the request. */
  readonly context: ServerContext
  /** Seals what a client carries from one round of questions to the next. */
  readonly seal: (state: unknown) => Effect.Effect<string>
}

export type Answer = CallToolResult | InputRequiredResult

/** A tool: what the client is told of it, and what it does. Whatever goes wrong is an answer. */
export interface Tool {
  readonly name: string
  /** What a key needs to see and to call it. */
  readonly scope: Scope
  /** Of no use to a key that is held to some workflows: it neither sees nor calls it. */
  readonly isForAllWorkflows?: true
  /** Whether this call may take longer: the client then gets a stream that stays alive. */
  readonly isLong: (args: unknown) => boolean
  readonly describe: () => ToolDescription
  readonly call: (args: unknown, call: Call) => Effect.Effect<Answer>
}

/** Values that begin as asked; whether there may be more of them that were not looked at. */
export interface Completions {
  readonly values: ReadonlyArray<string>
  readonly hasMore: boolean
}

export const noCompletions: Completions = { values: [], hasMore: false }

/** Part of a list; null: nothing follows. */
export interface Listing<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor: string | null
}

/** Tools that are not known before the request. */
export interface FurtherTools {
  /** A page of what is told of them, of at most so many bytes; fails with the cursor, when it is not one of this list. */
  readonly list: (
    principal: Principal,
    cursor: string | undefined,
    room: number
  ) => Effect.Effect<Listing<ToolDescription>, string>
  readonly find: (principal: Principal, name: string) => Effect.Effect<Option.Option<Tool>>
}

/** A resource of one address, or of all that fit a template. */
export interface Resource {
  readonly scope: Scope
  readonly describe: () =>
    | { readonly resource: ResourceDescription }
    | { readonly template: ResourceTemplateType }
  /** None: the address is not one of this resource, or there is nothing at it for this key. */
  readonly read: (
    uri: string,
    call: Call
  ) => Effect.Effect<Option.Option<ReadResourceResult | InputRequiredResult>>
  /** Values of a template's variable that begin so. */
  readonly complete?: (
    variable: string,
    value: string,
    principal: Principal
  ) => Effect.Effect<Completions>
}

/** A prompt; a message of its own tells what is wrong with its arguments. */
export interface Prompt {
  readonly scope: Scope
  readonly describe: () => PromptDescription
  readonly get: (
    args: Readonly<Record<string, string>>,
    call: Call
  ) => Effect.Effect<GetPromptResult | InputRequiredResult, string>
  readonly complete?: (
    argument: string,
    value: string,
    principal: Principal
  ) => Effect.Effect<Completions>
}

/** What the server offers. */
export class Catalog extends Context.Service<Catalog, {
  readonly instructions: string
  readonly tools: ReadonlyArray<Tool>
  readonly further: FurtherTools
  readonly resources: ReadonlyArray<Resource>
  readonly prompts: ReadonlyArray<Prompt>
  /** Capabilities besides tools, resources, prompts and completions. */
  readonly capabilities: ServerCapabilities
  /** Adds to a server before it answers its one request. */
  readonly extend: (server: Server) => void
}>()("atlasit/mcp/Catalog") {}
