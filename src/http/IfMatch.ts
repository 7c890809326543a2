import { Effect } from "effect"
import type { WorkflowId } from "../domain/Ids.ts"
import type { Principal } from "../domain/Principal.ts"
import type { Workflows } from "../services/Workflows.ts"
import { matchedVersions } from "./EntityTag.ts"

/** No workflow has this version. */
const noVersion = 0

/**
 * The version that a caller of `If-Match` wants to change; null: any. The services change one version or any: of several
 * that a caller names, the stored one is meant.
 */
export const expectedVersion = Effect.fnUntraced(function*(
  workflows: Workflows["Service"],
  principal: Principal,
  id: WorkflowId,
  ifMatch: string | undefined
) {
  const versions = ifMatch === undefined ? null : matchedVersions(ifMatch)
  if (versions === null) return null
  if (versions.length < 2) return versions[0] ?? noVersion
  const { version } = yield* workflows.get(principal, id)
  return versions.includes(version) ? version : noVersion
})
