import type { Json, JsonObject } from "effect/Schema"
import type { Issue } from "../domain/Issues.ts"
import { isObject } from "../domain/Json.ts"
import type { Step } from "../domain/Step.ts"
import { everyStep } from "../domain/StepTree.ts"
import { isTemplate } from "../domain/Template.ts"
import type { SchemaValidator } from "./SchemaValidator.ts"

/** A step that waits for a signal, as it is written. */
interface Waiting {
  readonly path: Issue["path"]
  readonly signal: Json | undefined
  readonly schema: JsonObject | undefined
}

/** What keeps the schemas of signals from being used; the paths begin at the list of steps. */
export const signalSchemaIssues = (
  validator: SchemaValidator["Service"],
  steps: ReadonlyArray<Step>
): ReadonlyArray<Issue> =>
  waitingSteps(steps).flatMap(({ path, schema }) =>
    schema === undefined
      ? []
      : validator.check(schema).map((issue) => ({ ...issue, path: [...path, "config", "schema", ...issue.path] }))
  )

/**
 * What is wrong with a payload: it fits no step that waits for this signal. Nothing where such a step takes any payload,
 * or where none is known: what a signal is called may be given by a template.
 */
export const payloadIssues = (
  validator: SchemaValidator["Service"],
  steps: ReadonlyArray<Step>,
  name: string,
  payload: Json
): ReadonlyArray<Issue> => {
  const found = waitingSteps(steps)
    .filter(({ signal }) => signal === name || isTemplate(signal))
    .map(({ schema }) => schema === undefined ? [] : validator.validate(schema, payload))
  return found.some((issues) => issues.length === 0)
    ? []
    : (found[0] ?? []).map((issue) => ({ ...issue, path: ["payload", ...issue.path] }))
}

const waitingSteps = (steps: ReadonlyArray<Step>): ReadonlyArray<Waiting> =>
  everyStep(steps).flatMap(({ path, step }) =>
    step.type === "wait-for-event" && isObject(step.config)
      ? [{
        path,
        signal: step.config["signal"],
        schema: isObject(step.config["schema"]) ? step.config["schema"] : undefined
      }]
      : []
  )
