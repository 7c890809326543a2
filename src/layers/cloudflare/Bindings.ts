import { Context, Layer } from "effect"
import type { ExecutionRpc } from "./ExecutionRpc.ts"
import type { LeaseRpc } from "./LeaseRpc.ts"
import type { RateLimitRpc } from "./RateLimitRpc.ts"
import type { SchedulerRpc } from "./SchedulerRpc.ts"

/** The D1 database: workflows and the read model of executions. */
export class Database extends Context.Service<Database, D1Database>()("atlasit/layers/cloudflare/Database") {}

/** The KV namespace: what is written once and expires, and the approximate rate limits. */
export class KeyValues extends Context.Service<KeyValues, KVNamespace>()("atlasit/layers/cloudflare/KeyValues") {}

/** The objects that run executions. */
export class ExecutionNamespace extends Context.Service<ExecutionNamespace, {
  readonly get: (id: DurableObjectId) => ExecutionRpc
  readonly idFromName: (name: string) => DurableObjectId
  readonly idFromString: (id: string) => DurableObjectId
  readonly newUniqueId: () => DurableObjectId
}>()("atlasit/layers/cloudflare/ExecutionNamespace") {}

/** The objects that count requests, one for each key. */
export class RateLimitNamespace extends Context.Service<RateLimitNamespace, {
  readonly getByName: (name: string) => RateLimitRpc
}>()("atlasit/layers/cloudflare/RateLimitNamespace") {}

/** The objects that hold slots, one for each scope. */
export class LeaseNamespace extends Context.Service<LeaseNamespace, {
  readonly getByName: (name: string) => LeaseRpc
}>()("atlasit/layers/cloudflare/LeaseNamespace") {}

/** The object that starts what schedules say. */
export class SchedulerNamespace extends Context.Service<SchedulerNamespace, {
  readonly getByName: (name: string) => SchedulerRpc
}>()("atlasit/layers/cloudflare/SchedulerNamespace") {}

/** A Durable Object's own storage. */
export class ObjectStorage
  extends Context.Service<ObjectStorage, DurableObjectStorage>()("atlasit/layers/cloudflare/ObjectStorage")
{}

/** What wrangler.toml binds, under the names that the layers know. */
export const layer = (
  env: Cloudflare.Env
): Layer.Layer<
  Database | KeyValues | ExecutionNamespace | RateLimitNamespace | LeaseNamespace | SchedulerNamespace
> =>
  Layer.succeedContext(
    Context.make(Database, env.DB).pipe(
      Context.add(KeyValues, env.KV),
      Context.add(ExecutionNamespace, env.EXECUTIONS),
      Context.add(RateLimitNamespace, env.RATE_LIMITS),
      Context.add(LeaseNamespace, env.LEASES),
      Context.add(SchedulerNamespace, env.SCHEDULER)
    )
  )
