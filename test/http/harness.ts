import { Clock, Duration, Effect, Layer, Logger, Redacted, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import * as HttpRouter from "effect/http/HttpRouter"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { onTestFinished } from "vitest"
import { TenantId } from "../../src/domain/Ids.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import { Problem } from "../../src/http/api/Errors.ts"
import * as HttpApp from "../../src/http/HttpApp.ts"
import { AppConfig } from "../../src/services/AppConfig.ts"
import { Authenticator, KeyUnknown } from "../../src/services/Authenticator.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Health } from "../../src/services/Health.ts"
import { Hooks } from "../../src/services/Hooks.ts"
import { Keys } from "../../src/services/Keys.ts"
import { Proposals } from "../../src/services/Proposals.ts"
import { Retries } from "../../src/services/Retries.ts"
import { Schedules } from "../../src/services/Schedules.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { Webhooks } from "../../src/services/Webhooks.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import { WorkflowVersions } from "../../src/services/WorkflowVersions.ts"

export const operatorKey = "operator-secret-key"
export const tenantKey = "tenant-secret-key"

/** The problem that a response holds: all of its members, and no others. */
export const problemOf = async (response: Response) => {
  const body: unknown = await response.json()
  return Schema.decodeUnknownSync(Problem)(body, { onExcessProperty: "error" })
}

/** The places that a response with this code finds fault with. */
export const issuePathsOf = async (response: Response, code: string): Promise<Array<string>> => {
  const problem = await problemOf(response)
  if (response.status !== 400 || problem.code !== code) throw problem
  return [...new Set((problem.issues ?? []).map(({ path }) => path.join(".")))]
}

/** The JSON object that a response holds. */
export const jsonOf = async (response: Response): Promise<Record<string, unknown>> =>
  Schema.decodeUnknownSync(Schema.Record(Schema.String, Schema.Unknown))(await response.json())

const principals = new Map([
  [operatorKey, unrestricted("operator1", null)],
  [tenantKey, unrestricted("tenant01", TenantId.make("tenant-a"))]
])

/** What a test wants to be different. Calls that a test does not script are defects. */
export interface Script {
  readonly workflows?: Partial<Workflows["Service"]>
  readonly versions?: Partial<WorkflowVersions["Service"]>
  readonly proposals?: Partial<Proposals["Service"]>
  readonly executions?: Partial<Executions["Service"]>
  readonly schedules?: Partial<Schedules["Service"]>
  readonly retry?: Retries["Service"]["retry"]
  readonly authenticate?: Authenticator["Service"]["authenticate"]
  readonly secrets?: Partial<Secrets["Service"]>
  readonly keys?: Partial<Keys["Service"]>
  readonly hooks?: Hooks["Service"]
  readonly webhooks?: Partial<Webhooks["Service"]>
  readonly health?: Health["Service"]["check"]
  readonly maxRequests?: number
  readonly limiter?: RateLimiter.RateLimiter["consume"]
  /** Timeouts run out at once. */
  readonly impatient?: boolean
}

const unscripted = () => Effect.die(new Error("not scripted: SELECT secret FROM keys"))

const healthy = Effect.succeed({
  status: "ok" as const,
  checks: {
    database: { status: "ok" as const, latencyMs: 1 },
    kv: { status: "ok" as const, latencyMs: 2 },
    engine: { status: "ok" as const, latencyMs: 3 },
    schedules: { status: "ok" as const, latencyMs: 4, behind: 0, since: null }
  }
})

/** A running service: the real web handler over scripted services, with its log and a clock of the test's own. */
export const serve = (script: Script = {}) => {
  const logs: Array<Record<string, unknown>> = []
  const time = { now: Date.parse("2026-11-22T10:00:00.000Z") }
  let authentications = 0

  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: () => time.now,
    currentTimeMillis: Effect.sync(() => time.now),
    currentTimeNanosUnsafe: () => BigInt(time.now) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(time.now) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => BigInt(time.now) * 1_000_000n,
    monotonicTimeNanos: Effect.sync(() => BigInt(time.now) * 1_000_000n),
    sleep: () => script.impatient === true ? Effect.yieldNow : Effect.never
  }

  const services = Layer.mergeAll(
    Layer.succeed(Workflows, {
      create: unscripted,
      validate: unscripted,
      get: unscripted,
      list: unscripted,
      update: unscripted,
      unchanged: unscripted,
      remove: unscripted,
      ...script.workflows
    }),
    Layer.succeed(WorkflowVersions, {
      list: unscripted,
      get: unscripted,
      restore: unscripted,
      ...script.versions
    }),
    Layer.succeed(Proposals, {
      proposeCreate: unscripted,
      proposeUpdate: unscripted,
      list: unscripted,
      get: unscripted,
      approve: unscripted,
      refuse: unscripted,
      ...script.proposals
    }),
    Layer.succeed(Executions, {
      start: unscripted,
      get: unscripted,
      wait: unscripted,
      list: unscripted,
      cancel: unscripted,
      signal: unscripted,
      logs: unscripted,
      ...script.executions
    }),
    Layer.succeed(Schedules, {
      list: unscripted,
      pause: unscripted,
      resume: unscripted,
      fires: unscripted,
      ...script.schedules
    }),
    Layer.succeed(Retries, { retry: script.retry ?? unscripted }),
    Layer.succeed(Secrets, {
      put: unscripted,
      get: unscripted,
      list: unscripted,
      remove: unscripted,
      rotate: Effect.succeed(0),
      ...script.secrets
    }),
    Layer.succeed(Keys, {
      create: unscripted,
      list: unscripted,
      get: unscripted,
      remove: unscripted,
      ...script.keys
    }),
    Layer.succeed(Hooks, { receive: unscripted, ...script.hooks }),
    Layer.succeed(Webhooks, {
      get: unscripted,
      rotate: unscripted,
      list: unscripted,
      find: unscripted,
      redeliver: unscripted,
      ...script.webhooks
    }),
    Layer.succeed(Health, { check: script.health ?? healthy }),
    Layer.succeed(Authenticator, {
      authenticate: script.authenticate ?? ((key) => {
        authentications++
        const principal = principals.get(Redacted.value(key))
        return principal === undefined ? Effect.fail(new KeyUnknown()) : Effect.succeed(principal)
      })
    }),
    Layer.succeed(AppConfig, {
      allowedKeys: [],
      executionObjects: 0,
      rateLimit: { maxRequests: script.maxRequests ?? 1_000, window: Duration.seconds(60), store: "memory" },
      mcp: { allowedHosts: [], requireApproval: false },
      outboundAllowHosts: [],
      secretsKeys: { current: null, previous: null },
      retention: Duration.days(30),
      logLevel: "Info"
    }),
    limiter(script.limiter),
    SecureRandom.layerWebCrypto
  )

  const app = HttpRouter.toWebHandler(
    HttpApp.layer.pipe(
      Layer.provide(services),
      Layer.provideMerge(Logger.layer([
        Logger.make((options) => {
          logs.push(JSON.parse(Logger.formatJson.log(options)))
        })
      ])),
      Layer.provideMerge(Layer.succeed(Clock.Clock, clock))
    ),
    { disableLogger: true }
  )
  onTestFinished(() => app.dispose())

  const fetch = (path: string, init: RequestInit & { readonly key?: string | null } = {}) => {
    const { key = operatorKey, ...rest } = init
    const headers = new Headers(init.headers)
    if (key !== null) headers.set("x-api-key", key)
    return app.handler(new Request(`http://service.test${path}`, { ...rest, headers }))
  }

  const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body)
    })

  return {
    fetch,
    send,
    handler: app.handler,
    logs,
    time,
    authentications: () => authentications
  }
}

const limiter = (consume: Script["limiter"]) =>
  consume === undefined
    ? RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory))
    : Layer.effect(
      RateLimiter.RateLimiter,
      Effect.map(RateLimiter.make, (real) => ({ ...real, consume }))
    ).pipe(Layer.provide(RateLimiter.layerStoreMemory))
