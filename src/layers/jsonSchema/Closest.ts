import type { Place, Problem } from "./Problems.ts"
import { oneOf } from "./Problems.ts"

/**
 * Of the problems that a value has with each of several forms, those that help: with the one form whose kind of value it
 * is; else what kind of value, or which of the values that tell the forms apart, is expected.
 */
export const closest = (forms: ReadonlyArray<ReadonlyArray<Problem>>, place: Place): ReadonlyArray<Problem> => {
  const marks = forms.map((problems) => problems.find((problem) => isMark(problem, place)))
  const [likely, ...others] = forms.filter((_, index) => marks[index] === undefined)
  if (likely !== undefined && others.length === 0) return likely
  const [first] = marks
  if (first !== undefined && marks.every((mark) => mark !== undefined && isSamePlace(mark.place, first.place))) {
    return [merge(marks.filter((mark) => mark !== undefined), first)]
  }
  return [{ place, message: `fits none of its ${forms.length} forms`, kind: "other", expected: [] }]
}

/** Another type, or another value where the forms have one of their own: here or in a member. */
const isMark = ({ kind, place: at }: Problem, place: Place): boolean =>
  kind !== "other" && (at === place || (kind === "choice" && at !== undefined && at.parent === place))

const isSamePlace = (a: Place, b: Place): boolean => a === b || (a?.key === b?.key && a?.parent === b?.parent)

const toldExpectations = 10

const merge = (marks: ReadonlyArray<Problem>, first: Problem): Problem => {
  const all = [...new Set(marks.flatMap((mark) => mark.expected))]
  const expected = all.length > toldExpectations ? [...all.slice(0, toldExpectations), "…"] : all
  const [, found = ""] = marks.every(({ kind }) => kind === "type") ? /(, not .*)$/.exec(first.message) ?? [] : []
  return { ...first, message: `must be ${oneOf(expected)}${found}`, expected }
}
