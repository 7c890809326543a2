import type { Server, ServerContext } from "@modelcontextprotocol/server"
import { isInputRequiredResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server"
import { Cause, Effect, Exit, Option } from "effect"
import type { Context } from "effect"
import type { RequestId } from "../domain/Ids.ts"
import { jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { Principal } from "../domain/Principal.ts"
import { may } from "../domain/Principal.ts"
import { internalError, invalidParams, noResource, nothingNamed } from "./Answers.ts"
import type { Call, Catalog, Listing, Prompt, Resource, Tool } from "./Catalog.ts"
import { noCompletions } from "./Catalog.ts"
import { completeParams, listParams, promptParams, readParams } from "./Params.ts"

/** Who calls, and how what a client carries is sealed. */
export interface Caller {
  readonly principal: Principal
  readonly requestId: RequestId
  readonly mint: (state: unknown, context: ServerContext) => Promise<string>
  /** Interrupts what answers a call, and says no more, once the client has taken the call back by another request. */
  readonly whileWanted: <A>(context: ServerContext, answer: Effect.Effect<A>) => Effect.Effect<A>
}

/** Answers the requests of one server, for one caller. */
export const addHandlers = (
  server: Server,
  catalog: Catalog["Service"],
  caller: Caller,
  run: <A>(effect: Effect.Effect<A, unknown>, signal: AbortSignal) => Promise<A>
): void => {
  const { principal } = caller
  const isOpen = ({ scope }: Tool | Resource | Prompt) => may(principal, scope)
  const tools = catalog.tools.filter((tool) =>
    isOpen(tool) && (principal.workflows === null || tool.isForAllWorkflows === undefined)
  )
  const resources = catalog.resources.filter(isOpen)
  const prompts = catalog.prompts.filter(isOpen)

  const callOf = (context: ServerContext): Call => {
    const progressToken = context.mcpReq._meta?.progressToken
    let progress = 0
    return {
      principal,
      requestId: caller.requestId,
      context,
      seal: (state) => Effect.promise(() => caller.mint(state, context)),
      tell: progressToken === undefined ?
        undefined :
        (message) =>
          Effect.ignore(Effect.tryPromise(() =>
            context.mcpReq.notify({
              method: "notifications/progress",
              params: { progressToken, progress: ++progress, message }
            })
          ))
    }
  }

  server.setRequestHandler("tools/list", listParams, async ({ cursor }, context) => {
    const own = cursor === undefined ? tools.map((tool) => tool.describe()) : []
    const further: Listing<ReturnType<Tool["describe"]>> = may(principal, "run")
      ? await run(
        Effect.catch(
          catalog.further.list(principal, cursor, listBytes - jsonBytes(own)),
          (message) => Effect.die(invalidParams(message))
        ),
        context.mcpReq.signal
      )
      : { items: [], nextCursor: null }
    return { tools: [...own, ...further.items], ...next(further.nextCursor) }
  })

  const findTool = Effect.fnUntraced(function*(name: string) {
    const own = tools.find((tool) => tool.name === name)
    if (own !== undefined) return Option.some(own)
    const isHidden = catalog.tools.some((tool) => tool.name === name)
    return isHidden || !may(principal, "run") ? Option.none<Tool>() : yield* catalog.further.find(principal, name)
  })

  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const tool = await run(findTool(params.name), context.mcpReq.signal)
    if (Option.isNone(tool)) throw nothingNamed("tool", params.name)
    const answer = await run(
      caller.whileWanted(context, tool.value.call(params.arguments, callOf(context))),
      context.mcpReq.signal
    )
    if (isInputRequiredResult(answer)) return answer
    return server.projectCallToolResult(answer, tool.value.describe().outputSchema)
  })

  server.setRequestHandler("resources/list", listParams, () => ({
    resources: resources.flatMap((resource) => {
      const described = resource.describe()
      return "resource" in described ? [described.resource] : []
    })
  }))

  server.setRequestHandler("resources/templates/list", listParams, () => ({
    resourceTemplates: resources.flatMap((resource) => {
      const described = resource.describe()
      return "template" in described ? [described.template] : []
    })
  }))

  server.setRequestHandler("resources/read", readParams, async ({ uri }, context) => {
    for (const resource of resources) {
      const found = await run(resource.read(uri, callOf(context)), context.mcpReq.signal)
      if (Option.isSome(found)) return found.value
    }
    throw noResource(uri)
  })

  server.setRequestHandler("prompts/list", listParams, () => ({ prompts: prompts.map((prompt) => prompt.describe()) }))

  server.setRequestHandler("prompts/get", promptParams, async (params, context) => {
    const prompt = prompts.find((candidate) => candidate.describe().name === params.name)
    if (prompt === undefined) throw nothingNamed("prompt", params.name)
    return await run(
      Effect.catch(
        prompt.get(params.arguments ?? {}, callOf(context)),
        (message) => Effect.die(invalidParams(message))
      ),
      context.mcpReq.signal
    )
  })

  server.setRequestHandler("completion/complete", completeParams, async ({ argument, ref }, context) => {
    const completed = ref.type === "ref/prompt"
      ? prompts.find((prompt) => prompt.describe().name === ref.name)?.complete
      : resources.find((resource) => {
        const described = resource.describe()
        return "template" in described && described.template.uriTemplate === ref.uri
      })?.complete
    const { hasMore, values } = completed === undefined
      ? noCompletions
      : await run(completed(argument.name, argument.value, principal), context.mcpReq.signal)
    return {
      completion: { values: values.slice(0, completionsShown), hasMore: hasMore || values.length > completionsShown }
    }
  })

  catalog.extend(server)
}

/** A page of the list of tools, without what goes around it. */
const listBytes = Limits.toolAnswerBytes - 2_000

/** The protocol's own bound. */
const completionsShown = 100

const next = (nextCursor: string | null) => nextCursor === null ? {} : { nextCursor }

/**
 * Runs effects for the protocol's handlers. What was not foreseen is logged, and the client is told nothing of it; what a
 * handler itself says to the client passes.
 */
export const runnerOf = <R>(services: Context.Context<R>, requestId: Call["requestId"]) =>
async <A>(
  effect: Effect.Effect<A, unknown, R>,
  signal: AbortSignal
): Promise<A> => {
  const exit = await Effect.runPromiseExitWith(services)(effect, { signal })
  if (Exit.isSuccess(exit)) return exit.value
  for (const reason of exit.cause.reasons) {
    if (reason._tag === "Die" && reason.defect instanceof ProtocolError) throw reason.defect
  }
  if (Cause.hasInterruptsOnly(exit.cause)) {
    await Effect.runPromiseWith(services)(Effect.logInfo("A client has given up its request"))
    // Its connection is closed, or is being closed: nobody gets this.
    throw new ProtocolError(ProtocolErrorCode.InvalidRequest, "The request was cancelled")
  }
  await Effect.runPromiseWith(services)(Effect.logError("A request of MCP failed", exit.cause))
  const [content] = internalError(requestId).content
  throw new ProtocolError(ProtocolErrorCode.InternalError, content?.type === "text" ? content.text : "")
}
