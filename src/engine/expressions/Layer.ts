import { Effect, Layer } from "effect"
import type { Json } from "effect/Schema"
import { Limits } from "../../domain/Limits.ts"
import { cut } from "../../domain/Text.ts"
import { ExpressionChecker } from "../../services/ExpressionChecker.ts"
import { WebhookInputs, WebhookInputsFailed } from "../../services/WebhookInputs.ts"
import { Expressions } from "../Expressions.ts"
import type { Scope } from "../Scope.ts"
import { StepFailure } from "../StepHandler.ts"
import { check, checkExpression } from "./Check.ts"
import { ExpressionFailure } from "./ExpressionFailure.ts"
import type { Filling, Findings } from "./Filling.ts"
import { compileConfig, compileExpression, fill, isRandom } from "./Filling.ts"
import { truth } from "./Operators.ts"
import type { Session } from "./Session.ts"
import { inSession } from "./Session.ts"
import type { Run } from "./Values.ts"

/** Expressions in JSONata, evaluated within `ExpressionLimits`; the bounds hold for all templates of one value together. */
export const layer: Layer.Layer<Expressions> = Layer.sync(Expressions, () => {
  // The configuration of a step is the same object in each round of a loop: it is compiled once.
  const configs = new WeakMap<object, Map<string, Filling>>()

  const fillingOf = (value: Json, own: ReadonlyArray<string>): Effect.Effect<Filling, StepFailure> => {
    if (typeof value !== "object" || value === null) {
      return compiled((findings) => compileConfig(value, [], findings, own))
    }
    const known = configs.get(value) ?? new Map<string, Filling>()
    const key = own.join(" ")
    const found = known.get(key)
    if (found !== undefined) return Effect.succeed(found)
    return Effect.tap(
      compiled((findings) => compileConfig(value, [], findings, own)),
      (filling) => Effect.sync(() => configs.set(value, known.set(key, filling)))
    )
  }

  const expression = (text: string) => compiled((findings) => compileExpression(text, [], findings))

  return Expressions.of({
    evaluate: (text, scope) =>
      Effect.flatMap(expression(text), (filling) => run(filling, (session) => fill(filling, session, scope))),
    test: (text, scope) =>
      Effect.flatMap(expression(text), (filling) => run(filling, (session) => testOf(filling, session, scope))),
    testEach: (text, scope, items) =>
      Effect.flatMap(
        expression(text),
        (filling) => run(filling, overItems(items, scope, (session, inner) => testOf(filling, session, inner)))
      ),
    evaluateEach: (texts, scope, items) =>
      Effect.flatMap(Effect.forEach(texts, expression), (fillings) => {
        const filling: Filling = { kind: "array", items: fillings }
        return run(filling, overItems(items, scope, (session, inner) => fill(filling, session, inner)))
      }),
    fill: (value, scope, own) =>
      Effect.flatMap(
        fillingOf(value, own),
        (filling) =>
          filling.kind === "json"
            ? Effect.succeed(filling.value)
            : run(filling, (session) => fill(filling, session, scope))
      )
  })
})

/** The check of expressions when a workflow is saved. */
export const checkerLayer: Layer.Layer<ExpressionChecker> = Layer.succeed(ExpressionChecker, { check, checkExpression })

/** What the services need of expressions: the check, and the inputs that a webhook makes of a request. */
export const servicesLayer: Layer.Layer<ExpressionChecker | WebhookInputs> = Layer.merge(
  checkerLayer,
  Layer.effect(
    WebhookInputs,
    Effect.map(Expressions, ({ evaluate }) => ({
      evaluate: (expression, trigger) =>
        Effect.mapError(
          evaluate(expression, { trigger }),
          ({ message }) => new WebhookInputsFailed({ message: cut(message, Limits.errorMessageCharacters) })
        )
    }))
  ).pipe(Layer.provide(layer))
)

/** A saved definition was checked, so that this fails only where it was not. */
const compiled = (compile: (findings: Findings) => Filling): Effect.Effect<Filling, StepFailure> =>
  Effect.suspend(() => {
    const findings: Findings = { issues: [], expressions: [] }
    const filling = compile(findings)
    const [issue] = findings.issues
    return issue === undefined
      ? Effect.succeed(filling)
      : Effect.fail(new StepFailure({ code: "expression", message: `The expression ${issue.message}` }))
  })

const run = <A>(filling: Filling, body: (session: Session) => Run<A>): Effect.Effect<A, StepFailure> =>
  Effect.mapError(inSession(isRandom(filling), body), toStepFailure)

const toStepFailure = ({ code, message, position }: ExpressionFailure): StepFailure =>
  new StepFailure({ code: "expression", message, details: { code, ...(position === undefined ? {} : { position }) } })

/** Evaluates for each item of a list: the bounds hold for each item, and wider ones for all of them together. */
const overItems = <A>(
  items: ReadonlyArray<Json>,
  scope: Scope,
  body: (session: Session, scope: Scope) => Run<A>
) =>
  function*(session: Session): Run<ReadonlyArray<A>> {
    const results: Array<A> = []
    for (const [index, item] of items.entries()) {
      session.meter.renew()
      results.push(yield* body(session, { ...scope, item, index }))
    }
    return results
  }

function* testOf(filling: Filling, session: Session, scope: Scope): Run<boolean> {
  const value = filling.kind === "expression"
    ? yield* filling.expression.run(session, scope)
    : yield* fill(filling, session, scope)
  return truth(value, session.meter)
}
