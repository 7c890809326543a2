import { DurableObject } from "cloudflare:workers"
import * as RateLimitCounter from "../layers/cloudflare/RateLimitCounter.ts"
import type { FixedWindowAnswer, FixedWindowRequest } from "../layers/cloudflare/RateLimitRpc.ts"

/** Counts the requests of one key; the object's name is the key. */
export class RateLimitObject extends DurableObject<Cloudflare.Env> {
  private readonly counter = RateLimitCounter.make(this.ctx.storage)

  fixedWindow(request: FixedWindowRequest): Promise<FixedWindowAnswer> {
    return this.counter.fixedWindow(request)
  }

  override alarm(): Promise<void> {
    return this.counter.alarm()
  }
}
