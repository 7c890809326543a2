import { Layer, ManagedRuntime } from "effect"
import { ExecutionObject } from "../../src/durable/ExecutionObject.ts"
import * as Engine from "../../src/engine/Engine.ts"
import * as CloudflareLayers from "../../src/layers/Cloudflare.ts"
import * as Fetch from "../../src/layers/cloudflare/Fetch.ts"
import { watchBindings, watchStorage } from "./Watch.ts"

/** The runtime of an execution object as the object makes it, over bindings and a storage that are watched. */
const watchedRuntime = (env: Cloudflare.Env, storage: DurableObjectStorage) =>
  ManagedRuntime.make(
    Engine.layer.pipe(
      Layer.provide(Fetch.layer),
      Layer.provideMerge(CloudflareLayers.object(watchBindings("object", env), watchStorage(storage)))
    )
  )

const watched = new WeakSet<ExecutionObject>()

/** From now on every object of this isolate takes a watched runtime before it answers its first call or alarm. */
export const watchObjects = (): void => {
  for (const method of ["start", "state", "logs", "cancel", "signal", "alarm"] as const) {
    const original: unknown = Reflect.get(ExecutionObject.prototype, method)
    if (typeof original !== "function") throw new TypeError(`An execution object has no ${method}`)
    Object.defineProperty(ExecutionObject.prototype, method, {
      value: function(this: ExecutionObject, ...args: ReadonlyArray<unknown>): unknown {
        if (!watched.has(this)) {
          watched.add(this)
          const state: DurableObjectState = Reflect.get(this, "ctx")
          Reflect.set(this, "runtime", watchedRuntime(Reflect.get(this, "env"), state.storage))
        }
        return Reflect.apply(original, this, args)
      }
    })
  }
}
