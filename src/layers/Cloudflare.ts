import { ConfigProvider, Effect, Layer, Logger, References, Scheduler } from "effect"
import { AppConfig } from "../services/AppConfig.ts"
import { Children } from "../services/Children.ts"
import { SecretValues } from "../services/SecretValues.ts"
import * as Authenticator from "./Authenticator.ts"
import * as Cipher from "./Cipher.ts"
import * as Alarm from "./cloudflare/Alarm.ts"
import * as Bindings from "./cloudflare/Bindings.ts"
import * as ExecutionArchive from "./cloudflare/ExecutionArchive.ts"
import * as ExecutionRepository from "./cloudflare/ExecutionRepository.ts"
import * as Executor from "./cloudflare/Executor.ts"
import * as Journal from "./cloudflare/Journal.ts"
import * as KeyRepository from "./cloudflare/KeyRepository.ts"
import * as Leases from "./cloudflare/Leases.ts"
import * as LeaseStorage from "./cloudflare/LeaseStorage.ts"
import * as ProposalRepository from "./cloudflare/ProposalRepository.ts"
import * as RateLimiterStore from "./cloudflare/RateLimiterStore.ts"
import * as ScheduleRepository from "./cloudflare/ScheduleRepository.ts"
import * as SecretRepository from "./cloudflare/SecretRepository.ts"
import * as Sql from "./cloudflare/Sql.ts"
import * as WebhookRepository from "./cloudflare/WebhookRepository.ts"
import * as WorkflowRepository from "./cloudflare/WorkflowRepository.ts"
import * as WorkflowToolRepository from "./cloudflare/WorkflowToolRepository.ts"
import * as SchemaValidator from "./SchemaValidator.ts"
import * as WebhookSignatures from "./WebhookSignatures.ts"

/** The variables of `env` are the configuration; what is bound besides them is not asked for. */
const config = (env: Cloudflare.Env) =>
  AppConfig.layer.pipe(Layer.provideMerge(ConfigProvider.layer(ConfigProvider.fromUnknown(env))))

/** One line of JSON for each log entry of `LOG_LEVEL` or above. */
const logger = Layer.merge(
  Logger.layer([Logger.withLeveledConsole(Logger.formatJson)]),
  Layer.effect(References.MinimumLogLevel, Effect.map(AppConfig, ({ logLevel }) => logLevel))
)

/** A fiber of a request must not leave its task: there it would lose the request's I/O. */
const scheduler = Layer.succeed(Scheduler.Scheduler, new Scheduler.MixedScheduler("sync"))

const secrets = SecretValues.layer.pipe(Layer.provideMerge(Layer.merge(SecretRepository.layer, Cipher.layer)))

/** What the Worker and its objects share: bindings, configuration, logs, the stores of D1 and KV. */
const shared = (env: Cloudflare.Env) =>
  Layer.mergeAll(ExecutionRepository.layer, ExecutionArchive.layer, SchemaValidator.layer, secrets).pipe(
    Layer.provideMerge(Sql.layer),
    Layer.provideMerge(Bindings.layer(env)),
    Layer.provideMerge(Layer.merge(logger, scheduler)),
    Layer.provideMerge(config(env))
  )

/** The ports on the Worker's side, but for those that need the engine: `Executor` and `Dependencies`. */
export const worker = (env: Cloudflare.Env) =>
  Layer.mergeAll(
    WorkflowRepository.layer,
    ScheduleRepository.layer,
    ProposalRepository.layer,
    WebhookRepository.layer,
    WebhookSignatures.layer,
    WorkflowToolRepository.layer,
    RateLimiterStore.layer,
    Authenticator.layer
  ).pipe(
    Layer.provideMerge(KeyRepository.layer),
    Layer.provideMerge(shared(env))
  )

/** The ports inside an execution object, and the clock that its alarm is told by. */
export const object = (env: Cloudflare.Env, storage: DurableObjectStorage) =>
  Layer.mergeAll(Journal.layer, Alarm.layer, Leases.layer, Children.layer).pipe(
    Layer.provide(WorkflowRepository.layer),
    Layer.provideMerge(Executor.layer),
    Layer.provide(Layer.succeed(Bindings.ObjectStorage, storage)),
    Layer.provideMerge(shared(env))
  )

/** What a lease object works with: its storage, and the executions to look its leases up in. */
export const leaseObject = (env: Cloudflare.Env, storage: DurableObjectStorage) =>
  LeaseStorage.layer.pipe(
    Layer.provide(ExecutionRepository.layer),
    Layer.provide(Sql.layer),
    Layer.provide(Bindings.layer(env)),
    Layer.provide(Layer.succeed(Bindings.ObjectStorage, storage)),
    Layer.provideMerge(Layer.merge(logger, scheduler)),
    Layer.provide(config(env))
  )

/** What the scheduler's object works with: schedules, executions, and the engine to start them. */
export const schedulerObject = (env: Cloudflare.Env) =>
  Layer.mergeAll(ScheduleRepository.layer, Executor.layer).pipe(Layer.provideMerge(shared(env)))
