import { DurableObject } from "cloudflare:workers"
import { Effect, ManagedRuntime, Schema } from "effect"
import { ExecutionId } from "../domain/Ids.ts"
import * as CloudflareLayers from "../layers/Cloudflare.ts"
import type { LeaseRpc } from "../layers/cloudflare/LeaseRpc.ts"
import { Answer, Released, RequestOfScope } from "../layers/cloudflare/LeaseRpc.ts"
import { ObjectDesk } from "../layers/cloudflare/LeaseStorage.ts"

/** Holds the slots of one scope, which is the object's name: who runs, and who waits. */
export class LeaseObject extends DurableObject<Cloudflare.Env> implements LeaseRpc {
  private readonly runtime = ManagedRuntime.make(CloudflareLayers.leaseObject(this.env, this.ctx.storage))

  acquire(request: typeof RequestOfScope.Encoded): Promise<typeof Answer.Encoded> {
    return this.runtime.runPromise(
      ObjectDesk.use((desk) =>
        Schema.decodeEffect(RequestOfScope)(request).pipe(
          Effect.flatMap(desk.acquire),
          Effect.flatMap(Schema.encodeEffect(Answer))
        )
      )
    )
  }

  release(id: string): Promise<typeof Released.Encoded> {
    return this.runtime.runPromise(
      ObjectDesk.use((desk) => Effect.flatMap(desk.release(ExecutionId.make(id)), Schema.encodeEffect(Released)))
    )
  }
}
