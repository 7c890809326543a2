import type { Implementation, RunningImplementation } from "../Evaluation.ts"
import { Builtin } from "../Evaluation.ts"
import { Frame } from "../Frame.ts"
import { lent } from "../Jsonata.ts"
import type { Value } from "../Values.ts"
import { listRuns, lists } from "./Lists.ts"
import { matching } from "./Matching.ts"
import { numbers } from "./Numbers.ts"
import { objectRuns, objects } from "./Objects.ts"
import { strings } from "./Strings.ts"
import { times } from "./Times.ts"

/** How many arguments `$map` and its kind give to a built-in function, where it isn't one. */
const arities: Readonly<Record<string, number>> = {
  substring: 3,
  substringBefore: 2,
  substringAfter: 2,
  pad: 3,
  join: 2,
  formatNumber: 3,
  formatBase: 2,
  formatInteger: 2,
  parseInteger: 2,
  round: 2,
  power: 2,
  random: 0,
  zip: 0,
  lookup: 2,
  append: 2,
  assert: 2,
  toMillis: 2,
  fromMillis: 3,
  now: 2,
  millis: 0
}

const checks: Readonly<Record<string, (args: ReadonlyArray<unknown>, context: unknown) => ReadonlyArray<unknown>>> = {
  now: (args) => args,
  millis: (args) => args
}

const checkOf = (name: string) => {
  const own = checks[name]
  if (own !== undefined) return own
  const { signature } = lent(name)
  return (args: ReadonlyArray<unknown>, context: unknown) => signature.validate(args, context)
}

const applied = (functions: Readonly<Record<string, Implementation>>): ReadonlyArray<readonly [string, Value]> =>
  Object.entries(functions).map((
    [name, apply]
  ) => [name, new Builtin({ name, arity: arities[name] ?? 1, validate: checkOf(name), apply })])

const run = (
  functions: Readonly<Record<string, readonly [RunningImplementation, arity: number]>>
): ReadonlyArray<readonly [string, Value]> =>
  Object.entries(functions).map((
    [name, [running, arity]]
  ) => [name, new Builtin({ name, arity, validate: checkOf(name), run: running })])

/** The names of all functions, without `$`. There is no `$eval`: what is evaluated is known when it is saved. */
const functions = new Map([
  ...applied(strings),
  ...applied(numbers),
  ...applied(times),
  ...applied(lists),
  ...applied(objects),
  ...run(matching),
  ...run(listRuns),
  ...run(objectRuns)
])

/** The frame around every expression. It is never bound to again: a block of its own is around each evaluation. */
export const library: Frame = new Frame(undefined, functions)
