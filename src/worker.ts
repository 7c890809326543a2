import { env } from "cloudflare:workers"
import { Context, Layer, ManagedRuntime } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as HttpRouter from "effect/http/HttpRouter"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Expressions from "./engine/expressions/Layer.ts"
import * as HttpApp from "./http/HttpApp.ts"
import * as CloudflareLayers from "./layers/Cloudflare.ts"
import { Background, fromContext } from "./layers/cloudflare/Background.ts"
import * as Dependencies from "./layers/cloudflare/Dependencies.ts"
import * as Executor from "./layers/cloudflare/Executor.ts"
import * as Scheduler from "./layers/cloudflare/Scheduler.ts"
import * as McpServer from "./mcp/McpServer.ts"
import { Maintenance } from "./services/Maintenance.ts"
import * as UseCases from "./services/UseCases.ts"

export { ExecutionObject } from "./durable/ExecutionObject.ts"
export { LeaseObject } from "./durable/LeaseObject.ts"
export { RateLimitObject } from "./durable/RateLimitObject.ts"
export { SchedulerObject } from "./durable/SchedulerObject.ts"

const services = UseCases.layer.pipe(
  Layer.provideMerge(Dependencies.layer),
  Layer.provide(Expressions.servicesLayer),
  Layer.provideMerge(Executor.layer),
  Layer.provideMerge(RateLimiter.layer),
  Layer.provideMerge(CloudflareLayers.worker(env)),
  Layer.provideMerge(SecureRandom.layerWebCrypto)
)

const memoMap = Layer.makeMemoMapUnsafe()
const app = HttpRouter.toWebHandler(HttpApp.layer.pipe(Layer.provide(McpServer.layer), Layer.provideMerge(services)), {
  memoMap,
  disableLogger: true
})
const runtime = ManagedRuntime.make(services, { memoMap })

export default {
  fetch: (request, _env, context) => app.handler(request, Context.make(Background, fromContext(context))),
  scheduled: (_controller, _env, context) => {
    context.waitUntil(runtime.runPromise(Scheduler.wake))
    context.waitUntil(runtime.runPromise(Maintenance.use(({ tick }) => tick)))
  }
} satisfies ExportedHandler<Cloudflare.Env>
