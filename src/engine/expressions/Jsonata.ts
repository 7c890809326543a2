import jsonata from "jsonata"

/**
 * The only file that knows the `jsonata` package. Its parser is the language's grammar, and its functions for numbers
 * and times by picture are lent to the evaluator; its own evaluator is not used.
 */

/** A syntax error as the parser throws it. */
export interface SyntaxProblem {
  readonly message: string
  /** Just after the place where the parser gave up. */
  readonly position: number
  readonly token: string | undefined
}

/** Parses a text to the parser's tree, or tells what is wrong with it. */
export const parse = (text: string): { readonly tree: unknown } | { readonly problem: SyntaxProblem } => {
  try {
    return { tree: jsonata(text).ast() }
  } catch (thrown) {
    return { problem: toProblem(thrown) }
  }
}

const toProblem = (thrown: unknown): SyntaxProblem => {
  const error = typeof thrown === "object" && thrown !== null ? thrown : {}
  const message = "message" in error && typeof error.message === "string"
    ? error.message
    : "The expression can't be read"
  const position = "position" in error && typeof error.position === "number" ? error.position : 0
  const token = "token" in error && typeof error.token === "string" ? error.token : undefined
  return { message: thrown instanceof RangeError ? "The expression nests too deeply" : message, position, token }
}

/** One of JSONata's own functions, and the check of its arguments. Both throw JSONata's errors. */
export interface LentFunction {
  readonly implementation: (this: unknown, ...args: ReadonlyArray<unknown>) => unknown
  readonly signature: { readonly validate: (args: ReadonlyArray<unknown>, context: unknown) => ReadonlyArray<unknown> }
}

/** The functions by their names, without `$`. They are read from the frame that the first evaluated node is given. */
const lookup: (name: string) => LentFunction | undefined = (() => {
  let frame: jsonata.Environment | undefined
  const probe = jsonata("null")
  // SAFETY: the hook's name is a symbol; `assign` binds whatever it is given.
  probe.assign(
    Symbol.for("jsonata.__evaluate_entry") as unknown as string,
    (_node: unknown, _input: unknown, given: jsonata.Environment) => {
      frame = given
    }
  )
  // The hook is called before the first `await`.
  void probe.evaluate(null)
  return (name) => frame?.lookup(name)
})()

/** A function of JSONata's library; throws when this version has no such function. */
export const lent = (name: string): LentFunction => {
  const found = lookup(name)
  if (found === undefined) throw new Error(`JSONata has no function $${name}`)
  return found
}
