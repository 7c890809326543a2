import { Schema } from "effect"
import { durationUpTo } from "../Duration.ts"
import { Limits } from "../Limits.ts"
import { stepInput } from "./Input.ts"

/** The name of a signal: 1 to 64 characters of `A-Z a-z 0-9 _ . -`. */
export const SignalName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9_.-]{1,64}$/u, { message: "must be 1 to 64 characters of A-Z a-z 0-9 _ . -" })
)

/** Waits for a signal, also one that came before; the output is its payload. */
export const WaitForEventConfig = Schema.Struct({
  signal: SignalName.annotateKey({
    description: "The name of the signal: 1 to 64 characters of A-Z a-z 0-9 _ . -",
    examples: ["approved"]
  }),
  timeout: Schema.optionalKey(durationUpTo(Limits.waitMaxMillis)).annotateKey({
    description: "The step fails when no signal has come by then",
    default: "30d"
  }),
  schema: Schema.optionalKey(Schema.JsonObject).annotateKey({
    description: "JSON Schema of the payload: a signal that doesn't fit is refused. It holds no templates"
  }),
  input: stepInput
}).annotate({
  identifier: "WaitForEventConfig",
  description: "Waits for a signal, also one that came before; the output is its payload"
})
export type WaitForEventConfig = typeof WaitForEventConfig.Type
