import { Schema } from "effect"
import { Limits } from "../Limits.ts"
import { stepInput } from "./Input.ts"

/** Fails the step, and with it the execution unless the step's `onError` says otherwise. */
export const FailConfig = Schema.Struct({
  message: Schema.NonEmptyString.check(Schema.isMaxLength(Limits.errorMessageCharacters)).annotateKey({
    description: "The error's message"
  }),
  code: Schema.optionalKey(
    Schema.String.check(
      Schema.isPattern(/^[A-Za-z0-9_.-]{1,64}$/u, { message: "must be 1 to 64 of A-Z a-z 0-9 _ . -" })
    )
  ).annotateKey({
    description: "The error's code: 1 to 64 characters of A-Z a-z 0-9 _ . -; `failed` by default",
    examples: ["not-approved"]
  }),
  input: stepInput
}).annotate({
  identifier: "FailConfig",
  description: "Fails the step, and with it the execution unless the step's `onError` says otherwise"
})
export type FailConfig = typeof FailConfig.Type
