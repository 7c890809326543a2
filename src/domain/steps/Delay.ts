import { Schema } from "effect"
import { durationUpTo } from "../Duration.ts"
import { Limits } from "../Limits.ts"
import { Rfc3339 } from "../Timestamp.ts"
import { stepInput } from "./Input.ts"

/** Waits for a length of time, or until a moment; the output is null. */
export const DelayConfig = Schema.Struct({
  duration: Schema.optionalKey(durationUpTo(Limits.waitMaxMillis)).annotateKey({
    description: "How long it waits",
    examples: ["24h"]
  }),
  until: Schema.optionalKey(Rfc3339).annotateKey({
    description: "When it has waited enough: RFC 3339, any offset",
    examples: ["2027-01-01T09:00:00+01:00"]
  }),
  input: stepInput
}).check(Schema.makeFilter((config) =>
  (config.duration === undefined) === (config.until === undefined)
    ? { path: ["duration"], issue: "must be set, or \"until\", but not both" }
    : undefined, { toJsonSchema: () => ({ oneOf: [{ required: ["duration"] }, { required: ["until"] }] }) })).annotate({
    identifier: "DelayConfig",
    description: "Waits for a length of time, or until a moment; the output is null"
  })
export type DelayConfig = typeof DelayConfig.Type
