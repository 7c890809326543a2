import { Layer, ManagedRuntime } from "effect"
import { ExecutionObject } from "../../src/durable/ExecutionObject.ts"
import { LeaseObject } from "../../src/durable/LeaseObject.ts"
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

/** The same of a lease object. */
const watchedLeases = (env: Cloudflare.Env, storage: DurableObjectStorage) =>
  ManagedRuntime.make(CloudflareLayers.leaseObject(watchBindings("leases", env), watchStorage(storage)))

const watched = new WeakSet<object>()

/** Every object of the class takes a watched runtime before it answers its first call. */
const watch = (
  prototype: object,
  methods: ReadonlyArray<string>,
  runtimeOf: (env: Cloudflare.Env, storage: DurableObjectStorage) => unknown
): void => {
  for (const method of methods) {
    const original: unknown = Reflect.get(prototype, method)
    if (typeof original !== "function") throw new TypeError(`The object has no ${method}`)
    Object.defineProperty(prototype, method, {
      value: function(this: object, ...args: ReadonlyArray<unknown>): unknown {
        if (!watched.has(this)) {
          watched.add(this)
          const state: DurableObjectState = Reflect.get(this, "ctx")
          Reflect.set(this, "runtime", runtimeOf(Reflect.get(this, "env"), state.storage))
        }
        return Reflect.apply(original, this, args)
      }
    })
  }
}

/** From now on every object of this isolate is watched. */
export const watchObjects = (): void => {
  watch(ExecutionObject.prototype, ["start", "state", "logs", "watch", "cancel", "signal", "alarm"], watchedRuntime)
  watch(LeaseObject.prototype, ["acquire", "release"], watchedLeases)
}
