import { runDurableObjectAlarm } from "cloudflare:test"
import { env, exports } from "cloudflare:workers"
import { Context, Effect, Layer, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import * as HttpRouter from "effect/http/HttpRouter"
import { RateLimiter } from "effect/persistence"
import * as Expressions from "../../src/engine/expressions/Layer.ts"
import * as HttpApp from "../../src/http/HttpApp.ts"
import * as CloudflareLayers from "../../src/layers/Cloudflare.ts"
import { Background, fromContext } from "../../src/layers/cloudflare/Background.ts"
import * as Dependencies from "../../src/layers/cloudflare/Dependencies.ts"
import * as Executor from "../../src/layers/cloudflare/Executor.ts"
import * as McpServer from "../../src/mcp/McpServer.ts"
import { Maintenance } from "../../src/services/Maintenance.ts"
import { Proposals } from "../../src/services/Proposals.ts"
import { ScheduleRuns } from "../../src/services/ScheduleRuns.ts"
import * as UseCases from "../../src/services/UseCases.ts"
import { watchBindings } from "./Watch.ts"
import { watchObjects } from "./WatchedObject.ts"

watchObjects()

/** Answers requests. */
export interface Handler {
  readonly handle: (request: Request) => Promise<Response>
}

/** The Worker itself: each execution has an object of its own. */
export const worker: Handler = { handle: (request) => exports.default.fetch(request) }

/** What the Worker does, under other variables. */
export interface Service extends Handler {
  /** What the Worker's cron trigger does. */
  readonly tick: () => Promise<{ readonly woken: number; readonly pruned: number }>
  /** What the scheduler's object does at an alarm: how many executions it started. */
  readonly turn: () => Promise<number>
  /** What is asked of proposals other than by a request. */
  readonly propose: <A>(ask: (proposals: Proposals["Service"]) => Effect.Effect<A, unknown>) => Promise<A>
}

/** What src/worker.ts serves, over bindings that are watched. Its background work is not waited for. */
export const serve = (variables: Partial<Cloudflare.Env> = {}): Service => {
  const services = UseCases.layer.pipe(
    Layer.provide(Expressions.servicesLayer),
    Layer.provideMerge(Dependencies.layer),
    Layer.provideMerge(Executor.layer),
    Layer.provideMerge(RateLimiter.layer),
    Layer.provideMerge(CloudflareLayers.worker(watchBindings("worker", { ...env, ...variables }))),
    Layer.provideMerge(SecureRandom.layerWebCrypto)
  )
  const app = HttpRouter.toWebHandler(
    HttpApp.layer.pipe(Layer.provide(McpServer.layer), Layer.provideMerge(services)),
    { disableLogger: true }
  )
  return {
    handle: (request) => app.handler(request, Context.make(Background, fromContext({ waitUntil: () => {} }))),
    tick: () => Effect.runPromise(Effect.provide(Maintenance.use(({ tick }) => tick), services)),
    turn: () =>
      Effect.runPromise(
        Effect.provide(Effect.map(ScheduleRuns.use(({ turn }) => turn), ({ started }) => started), services)
      ),
    propose: (ask) => Effect.runPromise(Effect.provide(Proposals.use(ask), services))
  }
}

export const keys = { operator: "operator-key", a: "key-a", b: "key-b" } as const

/** Makes a call with JSON; with the key of tenant A unless told otherwise. */
export const call = (
  service: Handler,
  method: string,
  path: string,
  options: { readonly key?: string; readonly body?: unknown; readonly headers?: Record<string, string> } = {}
): Promise<Response> =>
  service.handle(
    new Request(`https://service.test${path}`, {
      method,
      headers: {
        "x-api-key": options.key ?? keys.a,
        ...(options.body === undefined ? {} : { "content-type": "application/json" }),
        ...options.headers
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) })
    })
  )

/** Reads a response of this status as this schema says; anything else is shown by the error. */
export const read = async <A>(
  schema: Schema.Codec<A, unknown>,
  status: number,
  answer: Promise<Response>
): Promise<A> => {
  const response = await answer
  const text = await response.text()
  if (response.status !== status) throw new Error(`${response.status} instead of ${status}: ${text.slice(0, 500)}`)
  return Schema.decodeUnknownSync(Schema.fromJsonString(schema))(text)
}

/** Where an execution runs, as it is stored. */
export const placementOf = async (id: string): Promise<string> =>
  String(await env.DB.prepare("SELECT placement FROM executions WHERE id = ?").bind(id).first("placement"))

/** The object of a placement. */
export const objectAt = (placement: string) => {
  const name = placement.slice(placement.indexOf(":") + 1)
  return env.EXECUTIONS.get(
    placement.startsWith("id:") ? env.EXECUTIONS.idFromString(name) : env.EXECUTIONS.idFromName(name)
  )
}

/** Lets the alarm of an execution's object go off now; false: none is set. */
export const ring = async (id: string): Promise<boolean> => runDurableObjectAlarm(objectAt(await placementOf(id)))
