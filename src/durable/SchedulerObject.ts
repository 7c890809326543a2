import { DurableObject } from "cloudflare:workers"
import { Layer, ManagedRuntime, Option } from "effect"
import { toMillis } from "../domain/Timestamp.ts"
import * as CloudflareLayers from "../layers/Cloudflare.ts"
import type { SchedulerRpc } from "../layers/cloudflare/SchedulerRpc.ts"
import { ScheduleRuns } from "../services/ScheduleRuns.ts"

/** The tick of the Worker wakes it each minute; what comes sooner it wakes itself for. */
const tickMillis = 60_000

/** Starts what the schedules say, one turn for each alarm, so that each has an invocation's limits for itself. */
export class SchedulerObject extends DurableObject<Cloudflare.Env> implements SchedulerRpc {
  private readonly runtime = ManagedRuntime.make(
    ScheduleRuns.layer.pipe(Layer.provideMerge(CloudflareLayers.schedulerObject(this.env)))
  )

  async wake(): Promise<void> {
    const now = Date.now()
    const alarm = await this.ctx.storage.getAlarm()
    if (alarm === null || alarm > now) await this.ctx.storage.setAlarm(now)
  }

  override async alarm(): Promise<void> {
    const { next } = await this.runtime.runPromise(ScheduleRuns.use(({ turn }) => turn))
    if (Option.isNone(next)) return
    const at = Math.max(toMillis(next.value), Date.now())
    if (at < Date.now() + tickMillis) await this.ctx.storage.setAlarm(at)
  }
}
