import { ConfigProvider, Layer, Logger, ManagedRuntime } from "effect"
import { SecureRandom } from "effect/crypto"
import * as HttpRouter from "effect/http/HttpRouter"
import { RateLimiter } from "effect/persistence"
import * as Expressions from "../../src/engine/expressions/Layer.ts"
import * as HttpApp from "../../src/http/HttpApp.ts"
import * as Authenticator from "../../src/layers/Authenticator.ts"
import * as Fetch from "../../src/layers/cloudflare/Fetch.ts"
import * as Memory from "../../src/layers/Memory.ts"
import * as MemoryExecutor from "../../src/layers/memory/Executor.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import type { Operation } from "../../src/layers/Operation.ts"
import * as Answering from "../../src/mcp/Answering.ts"
import { Catalog } from "../../src/mcp/Catalog.ts"
import * as McpServer from "../../src/mcp/McpServer.ts"
import * as Routes from "../../src/mcp/Routes.ts"
import { AppConfig } from "../../src/services/AppConfig.ts"
import * as UseCases from "../../src/services/UseCases.ts"

/** A key that every service under test knows; it acts for every tenant. */
export const operatorKey = "operator-key-of-the-tests"

const defaults = {
  API_ALLOWED_KEYS: operatorKey,
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  SECRETS_KEY: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
}

/** What a test wants to be different. */
export interface Options {
  /** Variables of the configuration. */
  readonly variables?: Readonly<Record<string, string>>
  /** What the server offers, in place of the service's own catalog. */
  readonly catalog?: Catalog["Service"]
  /** Who answers the requests of steps; the network if it isn't given. */
  readonly upstreams?: typeof Fetch.layer
}

/** The services of the Worker over memory, in real time. */
export const servicesOf = ({ upstreams = Fetch.layer, variables = {} }: Options) =>
  Layer.mergeAll(UseCases.layer, Authenticator.layer).pipe(
    Layer.provide(Expressions.servicesLayer),
    Layer.provideMerge(MemoryExecutor.layer),
    Layer.provideMerge(RateLimiter.layer),
    Layer.provideMerge(Memory.layer),
    Layer.provide(upstreams),
    Layer.provideMerge(AppConfig.layer),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ ...defaults, ...variables }))),
    Layer.provideMerge(SecureRandom.layerWebCrypto)
  )

/** The service over memory with its MCP server, as the Worker composes it; its log, and faults of its stores. */
export const makeMemoryMcp = ({ catalog, ...options }: Options = {}) => {
  const logs: Array<Record<string, unknown>> = []
  const services = servicesOf(options)
  const server = catalog === undefined
    ? McpServer.layer
    : Routes.layer.pipe(Layer.provide(Answering.layer), Layer.provide(Layer.succeed(Catalog, catalog)))
  const logger = Logger.layer([Logger.make((options) => {
    logs.push(JSON.parse(Logger.formatJson.log(options)))
  })])
  const memoMap = Layer.makeMemoMapUnsafe()
  const app = HttpRouter.toWebHandler(
    HttpApp.layer.pipe(Layer.provide(server), Layer.provideMerge(services), Layer.provideMerge(logger)),
    { memoMap, disableLogger: true }
  )
  const runtime = ManagedRuntime.make(services, { memoMap })

  return {
    handle: (request: Request): Promise<Response> => app.handler(request),
    logs,
    /** Lets the next calls of a store's operation fail. */
    failNext: (operation: Operation) => runtime.runPromise(Faults.use(({ failNext }) => failNext(operation))),
    dispose: async () => {
      await runtime.dispose()
      await app.dispose()
    }
  }
}
