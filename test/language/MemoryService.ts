import { ConfigProvider, Layer, Logger } from "effect"
import { SecureRandom } from "effect/crypto"
import * as HttpRouter from "effect/http/HttpRouter"
import { RateLimiter } from "effect/persistence"
import * as Expressions from "../../src/engine/expressions/Layer.ts"
import * as HttpApp from "../../src/http/HttpApp.ts"
import * as Authenticator from "../../src/layers/Authenticator.ts"
import * as Fetch from "../../src/layers/cloudflare/Fetch.ts"
import * as Memory from "../../src/layers/Memory.ts"
import * as MemoryExecutor from "../../src/layers/memory/Executor.ts"
import { AppConfig } from "../../src/services/AppConfig.ts"
import * as UseCases from "../../src/services/UseCases.ts"
import type { Handler } from "./Perform.ts"

const variables = {
  API_ALLOWED_KEYS: "tenant-a:key-a",
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  SECRETS_KEY: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
}

/** The whole service over memory, with the platform's `fetch`. */
export const makeMemoryService = (): Handler & { readonly dispose: () => Promise<void> } => {
  const services = Layer.mergeAll(UseCases.layer, Authenticator.layer).pipe(
    Layer.provide(Expressions.servicesLayer),
    Layer.provideMerge(MemoryExecutor.layer),
    Layer.provideMerge(RateLimiter.layer),
    Layer.provideMerge(Memory.layer),
    Layer.provide(Fetch.layer),
    Layer.provideMerge(AppConfig.layer),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(variables))),
    Layer.provideMerge(SecureRandom.layerWebCrypto)
  )
  const app = HttpRouter.toWebHandler(
    HttpApp.layer.pipe(Layer.provideMerge(services), Layer.provideMerge(Logger.layer([]))),
    { disableLogger: true }
  )
  return { handle: (request) => app.handler(request), dispose: app.dispose }
}
