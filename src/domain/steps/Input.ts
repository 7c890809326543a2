import { Schema } from "effect"

/** A member of every configuration. */
export const stepInput = Schema.optionalKey(Schema.Json).annotateKey({
  description:
    "The step's input instead of the output of the step before it: an expression, or JSON that may hold some in {{ … }}"
})
