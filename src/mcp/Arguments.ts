import { Result, Schema } from "effect"
import { ExecutionId, WorkflowId } from "../domain/Ids.ts"
import { Limits } from "../domain/Limits.ts"
import { decodeCursor } from "../domain/Page.ts"

const described = (description: string) => ({ description })

export const workflowId = WorkflowId.annotateKey(described("The workflow's id"))
export const executionId = ExecutionId.annotateKey(described("The execution's id"))

/** How long a tool waits for the end of an execution, in seconds. */
export const waitSeconds = Schema.optionalKey(
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Limits.waitSeconds }))
).annotateKey({
  description: "How long to wait for the end; the execution goes on in any case",
  default: Limits.toolWaitSecondsDefault
})

/** The same in milliseconds. */
export const waitMillisOf = (input: { readonly waitSeconds?: number | undefined }): number =>
  (input.waitSeconds ?? Limits.toolWaitSecondsDefault) * 1_000

/** The members of every list. */
export const page = {
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.pageItems }))).annotateKey({
    default: Limits.toolPageItemsDefault
  }),
  cursor: Schema.optionalKey(
    Schema.String.check(Schema.makeFilter((cursor: string) => {
      const place = decodeCursor(cursor)
      return Result.isSuccess(place) ? undefined : place.failure
    }))
  ).annotateKey(described("nextCursor of the page before"))
}

/** Where a list begins, and how many items a page of it has. */
export const pageOfInput = ({ cursor, limit }: {
  readonly cursor?: string | undefined
  readonly limit?: number | undefined
}) => ({
  limit: limit ?? Limits.toolPageItemsDefault,
  after: cursor === undefined ? undefined : Result.getOrUndefined(decodeCursor(cursor))
})

/** The version that is to be changed, as it was read. */
export const expectedVersion = Schema.optionalKey(Schema.Int).annotateKey(
  described("The version that was read; fails if another one is stored")
)
