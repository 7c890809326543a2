import { toMillis } from "./Duration.ts"
import * as Timestamp from "./Timestamp.ts"
import type { DefinitionOptions } from "./Workflow.ts"

/** Until when a definition lets its executions be kept that ended at this time; null: as long as the service keeps any. */
export const expiryOf = (
  { settings }: DefinitionOptions,
  completedAt: Timestamp.Timestamp
): Timestamp.Timestamp | null =>
  settings?.retention === undefined
    ? null
    : Timestamp.fromMillis(Timestamp.toMillis(completedAt) + toMillis(settings.retention))
