import { Schema } from "effect"
import type { Json } from "effect/Schema"
import type { ExecutionDetail } from "./Execution.ts"
import { ExecutionId } from "./Ids.ts"
import { isObject } from "./Json.ts"
import { differingMembers } from "./MemberChanges.ts"
import type { Step } from "./Step.ts"
import { ChangedStep, NamedStep } from "./StepChanges.ts"
import type { StepRecord } from "./StepRecord.ts"
import { StepStatus } from "./StepRecord.ts"
import { Timestamp } from "./Timestamp.ts"

/** A step that went another way than in the execution that it is compared with. */
const OtherOutcome = Schema.Struct({
  path: Schema.String,
  then: Schema.NullOr(StepStatus),
  now: StepStatus
})

/** What differs between an execution and one of the same workflow that came to a good end. */
export const Comparison = Schema.Struct({
  executionId: ExecutionId,
  completedAt: Schema.NullOr(Timestamp),
  workflowVersion: Schema.Struct({ then: Schema.Int, now: Schema.Int }),
  steps: Schema.Struct({
    added: Schema.Array(NamedStep),
    removed: Schema.Array(NamedStep),
    changed: Schema.Array(ChangedStep)
  }).annotate({ description: "How the definition has changed since" }),
  inputs: Schema.Array(Schema.String).annotate({ description: "The members of the inputs that differ, as paths" }),
  outcomes: Schema.Array(OtherOutcome).annotate({ description: "The steps that ended otherwise" })
})
export type Comparison = typeof Comparison.Type

/** Why an execution came to no good end. */
export interface Explanation {
  readonly execution: ExecutionDetail
  /** Where it failed; null: at no step. */
  readonly step: StepRecord | null
  /** The step as the definition has it. */
  readonly definition: Step | null
  /** The steps that ended last before it began. */
  readonly before: ReadonlyArray<StepRecord>
  /** The last success before it; null: there is none that is kept. */
  readonly lastSuccess: Comparison | null
}

const pathOf = ({ id, path }: StepRecord): string => path ?? id

/** The step at which an execution failed: the innermost one that did, the latest if there are several. */
export const failedStep = ({ error, steps }: Pick<ExecutionDetail, "error" | "steps">): StepRecord | undefined =>
  steps
    .filter(({ status }) => status === "failed")
    .sort((a, b) =>
      rank(b, error?.stepId) - rank(a, error?.stepId) || (a.completedAt ?? "").localeCompare(b.completedAt ?? "")
    )[0]

/** The step that the error names comes first, and inside of it what stands deepest. */
const rank = (step: StepRecord, named: string | undefined): number =>
  (named !== undefined && pathOf(step).split(/[.[]/)[0] === named ? 1_000 : 0) + pathOf(step).split(/[.[]/).length

/** The steps that ended in another way than then. Those that did not exist then are told by the changed definition. */
export const otherOutcomes = (
  then: ReadonlyArray<StepRecord>,
  now: ReadonlyArray<StepRecord>
): Comparison["outcomes"] => {
  const before = new Map(then.map((step) => [pathOf(step), step.status]))
  return now.flatMap((step) => {
    const path = pathOf(step)
    const known = before.get(path) ?? null
    return known === step.status || (known === null && step.status === "completed")
      ? []
      : [{ path, then: known, now: step.status }]
  })
}

/** The members of the inputs that differ, as paths. */
export const otherInputs = (then: Json, now: Json): ReadonlyArray<string> =>
  isObject(then) && isObject(now) ? differingMembers(then, now) : []
