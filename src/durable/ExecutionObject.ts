import { DurableObject } from "cloudflare:workers"
import { Effect, Layer, ManagedRuntime, Option, Schema } from "effect"
import type { WatchOptions } from "../domain/ExecutionProgress.ts"
import { ExecutionId } from "../domain/Ids.ts"
import * as Engine from "../engine/Engine.ts"
import { LocalExecutor } from "../engine/LocalExecutor.ts"
import * as CloudflareLayers from "../layers/Cloudflare.ts"
import { AlarmClock } from "../layers/cloudflare/Alarm.ts"
import type { ExecutionRpc } from "../layers/cloudflare/ExecutionRpc.ts"
import {
  LogsJson,
  PayloadJson,
  ProgressJson,
  SnapshotJson,
  StateJson,
  StepsJson
} from "../layers/cloudflare/ExecutionRpc.ts"
import * as Fetch from "../layers/cloudflare/Fetch.ts"

/** Runs executions: the local executor over this object's own storage. */
export class ExecutionObject extends DurableObject<Cloudflare.Env> implements ExecutionRpc {
  private readonly runtime = ManagedRuntime.make(
    Engine.layer.pipe(
      Layer.provide(Fetch.layer),
      Layer.provideMerge(CloudflareLayers.object(this.env, this.ctx.storage))
    )
  )

  start(snapshot: string, waitMillis: number, recovery: boolean, takenOver?: Uint8Array): Promise<string | null> {
    const started = this.runtime.runPromise(
      LocalExecutor.use((executor) =>
        Effect.all([
          Schema.decodeEffect(SnapshotJson)(snapshot),
          takenOver === undefined
            ? Effect.succeed([])
            : Schema.decodeEffect(StepsJson)(new TextDecoder().decode(takenOver))
        ]).pipe(
          Effect.flatMap(([decoded, steps]) => executor.start(decoded, { waitMillis, recovery, takenOver: steps })),
          Effect.flatMap(encoded(StateJson))
        )
      )
    )
    this.stayAwake()
    return started
  }

  state(id: string): Promise<string | null> {
    return this.runtime.runPromise(
      LocalExecutor.use((executor) => Effect.flatMap(executor.state(ExecutionId.make(id)), encoded(StateJson)))
    )
  }

  logs(id: string): Promise<string | null> {
    return this.runtime.runPromise(
      LocalExecutor.use((executor) => Effect.flatMap(executor.logs(ExecutionId.make(id)), encoded(LogsJson)))
    )
  }

  watch(id: string, options: WatchOptions): Promise<string | null> {
    return this.runtime.runPromise(
      LocalExecutor.use((executor) =>
        Effect.flatMap(executor.watch(ExecutionId.make(id), options), encoded(ProgressJson))
      )
    )
  }

  cancel(id: string, reason?: string): Promise<string | null> {
    return this.runtime.runPromise(
      LocalExecutor.use((executor) => Effect.flatMap(executor.cancel(ExecutionId.make(id), reason), encoded(StateJson)))
    )
  }

  signal(id: string, name: string, payload: string): Promise<string | null> {
    const signalled = this.runtime.runPromise(
      LocalExecutor.use((executor) =>
        Schema.decodeEffect(PayloadJson)(payload).pipe(
          Effect.flatMap((decoded) => executor.signal(ExecutionId.make(id), name, decoded)),
          Effect.flatMap(encoded(StateJson))
        )
      )
    )
    this.stayAwake()
    return signalled
  }

  ping(): Promise<void> {
    return Promise.resolve()
  }

  override alarm(): Promise<void> {
    const woken = this.runtime.runPromise(
      Effect.andThen(AlarmClock.use(({ fired }) => fired), LocalExecutor.use((executor) => executor.wake))
    )
    this.stayAwake()
    return woken
  }

  /** While something runs here the object is not evicted. */
  private stayAwake(): void {
    this.ctx.waitUntil(this.runtime.runPromise(LocalExecutor.use((executor) => executor.idle)))
  }
}

const encoded = <A>(codec: Schema.Codec<A, string>) => {
  const encode = Schema.encodeEffect(codec)
  return (found: Option.Option<A>): Effect.Effect<string | null, Schema.SchemaError> =>
    Option.isNone(found) ? Effect.succeed(null) : encode(found.value)
}
