/** What the Worker says to the scheduler's object. */
export interface SchedulerRpc {
  /** There may be something to do: it is done soon. */
  wake(): Promise<void>
}

/** The name of the one object that starts what the schedules of all tenants say. */
export const schedulerName = "scheduler"
