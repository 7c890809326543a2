import type { Effect } from "effect"
import { Context } from "effect"
import type { Json } from "effect/Schema"
import type { Scope } from "./Scope.ts"
import type { StepFailure } from "./StepHandler.ts"

/** Evaluates the expressions of definitions. Every failure is a `StepFailure` with the code `expression`. */
export class Expressions extends Context.Service<Expressions, {
  /** The value of an expression, bare or as a template. */
  readonly evaluate: (expression: string, scope: Scope) => Effect.Effect<Json, StepFailure>
  /** Whether an expression's value is true, by JSONata's boolean cast. */
  readonly test: (expression: string, scope: Scope) => Effect.Effect<boolean, StepFailure>
  /** The same for each of these items, seen as `item` and `index`; bounded for all of them together, too. */
  readonly testEach: (
    expression: string,
    scope: Scope,
    items: ReadonlyArray<Json>
  ) => Effect.Effect<ReadonlyArray<boolean>, StepFailure>
  /** For each of these items the values of the expressions, in an array. */
  readonly evaluateEach: (
    expressions: ReadonlyArray<string>,
    scope: Scope,
    items: ReadonlyArray<Json>
  ) => Effect.Effect<ReadonlyArray<Json>, StepFailure>
  /** A value with its templates filled in; the members named `own` are left as they are. */
  readonly fill: (value: Json, scope: Scope, own: ReadonlyArray<string>) => Effect.Effect<Json, StepFailure>
}>()("atlasit/engine/Expressions") {}
