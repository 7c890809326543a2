/** A time as the service tells it. */
export const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** An id that the service made. */
export const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Members that documents shorten to `…`, and what they must be. */
export const shortened: ReadonlyMap<string, RegExp> = new Map([
  ["id", id],
  ["workflowId", id],
  ["executionId", id],
  ["retryOf", id],
  ["from", id],
  ["requestId", id],
  ["timestamp", time],
  ["startedAt", time],
  ["completedAt", time],
  ["createdAt", time],
  ["updatedAt", time]
])

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
