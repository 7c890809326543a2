import type { Case } from "./Case.ts"
import { branches } from "./cases/Branches.ts"
import { ended } from "./cases/Ends.ts"
import { expressions } from "./cases/Expressions.ts"
import { failures } from "./cases/Failures.ts"
import { requests } from "./cases/Http.ts"
import { tools } from "./cases/Mcp.ts"
import { order } from "./cases/Order.ts"
import { templates } from "./cases/Templates.ts"
import { transforms } from "./cases/Transforms.ts"

/** The language by example: each topic's definitions, and what comes of each. */
export const topics: Readonly<Record<string, ReadonlyArray<Case>>> = {
  "order and data": order,
  templates,
  expressions,
  transforms,
  "branches and loops": branches,
  "failures and waits": failures,
  requests,
  tools,
  "inputs, outputs and limits": ended
}
