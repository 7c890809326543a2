import { Schema } from "effect"

/** Text without half of a surrogate pair: such a half has no UTF-8, so that a store would return another text. */
export const isWellFormed = Schema.makeFilter((text: string) =>
  text.isWellFormed() ? undefined : "must be well-formed Unicode"
)
