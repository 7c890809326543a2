import { Data } from "effect"

/**
 * Why an expression gave no value. `code` is JSONata's (`T2001`), or one of the bounds' (`limit-…`), or `forbidden`,
 * `not-json`, `unexpected`. Neither `code` nor `message` holds a value of the data.
 */
export class ExpressionFailure extends Data.TaggedError("ExpressionFailure")<{
  readonly code: string
  readonly message: string
  /** Where in the expression's text, from 0 on. */
  readonly position?: number
}> {}

/** A failure with JSONata's code. `index` is the number of an argument, `token` a name or an operator. */
export const failWith = (code: string, details: { readonly token?: string; readonly index?: number } = {}) =>
  new ExpressionFailure({ code, message: messageOf(code, details) })

/** What was thrown while a part of the expression was evaluated, with the place of the innermost part. */
export const locate = (thrown: unknown, position: number, token?: string): ExpressionFailure => {
  const { code, message, position: known } = fromThrown(thrown, token)
  return new ExpressionFailure({ code, message, position: known ?? position })
}

/** Also what is thrown by the functions that JSONata lends us, and by its argument check. */
export const fromThrown = (thrown: unknown, token?: string): ExpressionFailure => {
  if (thrown instanceof ExpressionFailure) return thrown
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string") {
    const index = "index" in thrown && typeof thrown.index === "number" ? { index: thrown.index } : {}
    return failWith(thrown.code, { ...index, ...(token === undefined ? {} : { token }) })
  }
  return thrown instanceof RangeError
    ? new ExpressionFailure({ code: "limit-depth", message: "The expression goes too deep" })
    : new ExpressionFailure({ code: "unexpected", message: "The expression can't be evaluated" })
}

const messageOf = (code: string, { index, token }: { readonly token?: string; readonly index?: number }): string => {
  const subject = token === undefined ? "The function" : /^\w+$/.test(token) ? `$${token}` : `"${token}"`
  if (code === "T0410") return `Argument ${index ?? 1} of ${subject} has the wrong type`
  if (code === "T0411") return `The context value is not what ${subject} takes as argument ${index ?? 1}`
  if (code === "T0412") return `Argument ${index ?? 1} of ${subject} is an array of the wrong type`
  if (/^D30(8\d|9[0-3])$/.test(code)) return `The picture of ${subject} is not valid`
  return `${messages[code] ?? "The expression can't be evaluated"}${token === undefined ? "" : ` (${subject})`}`
}

const messages: Readonly<Record<string, string>> = {
  D1001: "A number is out of range",
  D1002: "Only a number can be negated",
  D1004: "The regular expression matches an empty text",
  D1009: "Two keys of an object have the same name",
  D3001: "A number is out of range",
  D3010: "The pattern is empty",
  D3011: "The limit is negative",
  D3012: "The replacement must give a text",
  D3020: "The limit is negative",
  D3030: "The value can't be read as a number",
  D3040: "The limit is negative",
  D3050: "The function to reduce with must take two arguments",
  D3060: "A negative number has no square root",
  D3061: "The power is out of range",
  D3070: "Only numbers or only texts can be sorted without a function",
  D3100: "The base must be 2 to 36",
  D3110: "The time is not ISO 8601",
  D3130: "The picture is not supported",
  D3132: "The picture names an unknown component",
  D3133: "The picture names a component that has no name",
  D3134: "The picture of the time zone is not valid",
  D3135: "The picture has no closing bracket",
  D3136: "The picture leaves a part of the time open",
  D3138: "More than one value fits",
  D3139: "No value fits",
  D3140: "The text can't be encoded or decoded",
  T1003: "The key of an object must be a text",
  T1005: "A function is called without its $",
  T1006: "Something is called that is not a function",
  T1007: "A function is applied without its $",
  T1008: "Something is applied that is not a function",
  T1010: "The function to match with must give matches",
  T2001: "The left side must be a number",
  T2002: "The right side must be a number",
  T2003: "The start of a range must be an integer",
  T2004: "The end of a range must be an integer",
  T2006: "The right side must be a function",
  T2007: "Numbers and texts can't be sorted together",
  T2008: "Only numbers and texts can be sorted",
  T2009: "The two sides must be of the same type",
  T2010: "Only numbers and texts can be compared",
  T2011: "The update must be an object",
  T2012: "What to delete must be names"
}
