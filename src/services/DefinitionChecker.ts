import { Context, Effect, Layer, Option, Schema } from "effect"
import { definitionIssues, soundSteps } from "../domain/DefinitionCheck.ts"
import type { StorageError } from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import type { Issue } from "../domain/Issues.ts"
import type { Trigger } from "../domain/Trigger.ts"
import { webhookOf } from "../domain/Trigger.ts"
import type { Definition, WorkflowCreate } from "../domain/Workflow.ts"
import { checkExpressions, checkExpressionsOfParts } from "./DefinitionExpressions.ts"
import { ExpressionChecker } from "./ExpressionChecker.ts"
import { inputSchemaIssues } from "./InputSchema.ts"
import { SchemaValidator } from "./SchemaValidator.ts"
import { SecretRepository } from "./SecretRepository.ts"
import { signalSchemaIssues } from "./SignalSchema.ts"

/** Tells what keeps a definition from being run that its schema admits. */
export class DefinitionChecker extends Context.Service<DefinitionChecker, {
  /**
   * Every problem: of the order of the steps, the size, the input schema, the expressions, and the secrets that they
   * name (null: the tenant is not known, so its secrets are not looked at).
   */
  readonly check: (
    tenantId: TenantId | null,
    definition: Definition | WorkflowCreate
  ) => Effect.Effect<ReadonlyArray<Issue>, StorageError>
  /** The names of the secrets that a definition's expressions and its webhook use; some may stand there twice. */
  readonly secretsOf: (definition: Definition) => ReadonlyArray<string>
  /** Of what is no definition: the problems of its input schema, and of the expressions of steps that can be read. */
  readonly checkParts: (input: unknown) => ReadonlyArray<Issue>
}>()("atlasit/services/DefinitionChecker") {
  static readonly layer = Layer.effect(
    DefinitionChecker,
    Effect.gen(function*() {
      const expressions = yield* ExpressionChecker
      const schemas = yield* SchemaValidator
      const secrets = yield* SecretRepository

      const unknownSecrets = Effect.fnUntraced(function*(
        tenantId: TenantId | null,
        named: ReadonlyArray<{ readonly name: string; readonly path: Issue["path"] }>
      ) {
        if (tenantId === null || named.length === 0) return []
        const found = yield* secrets.values(tenantId, [...new Set(named.map(({ name }) => name))])
        const known = new Set<string>(found.map(({ name }) => name))
        return named.flatMap(({ name, path }) =>
          known.has(name) ? [] : [{ path, message: `names a secret that the tenant does not have: ${name}` }]
        )
      })

      const read = (definition: Definition | WorkflowCreate) => {
        const { issues, secrets } = checkExpressions(expressions, definition)
        return { issues, named: [...secrets, ...webhookSecrets(definition.triggers ?? [])] }
      }

      const check = Effect.fn("DefinitionChecker.check")(function*(
        tenantId: TenantId | null,
        definition: Definition | WorkflowCreate
      ) {
        const { issues, named } = read(definition)
        return [
          ...definitionIssues(definition),
          ...inputSchemaIssues(schemas, definition),
          ...signalSchemaIssues(schemas, definition.steps).map(atSteps),
          ...issues,
          ...(yield* unknownSecrets(tenantId, named))
        ]
      })

      const secretsOf = (definition: Definition) => read(definition).named.map(({ name }) => name)

      const checkParts = (input: unknown): ReadonlyArray<Issue> => {
        const { areAll, steps } = soundSteps(input)
        const { outputs } = Option.getOrElse(decodeOutputs(input), () => ({ outputs: {} }))
        return [
          ...inputSchemaIssues(schemas, input),
          ...steps.flatMap(({ index, step }) =>
            signalSchemaIssues(schemas, [step]).map(({ message, path }) => ({
              path: ["steps", index, ...path.slice(1)],
              message
            }))
          ),
          ...checkExpressionsOfParts(expressions, { areAll, outputs, steps })
        ]
      }

      return DefinitionChecker.of({ check, secretsOf, checkParts })
    })
  )
}

/** The secrets that webhooks check signatures with: no run sees them. */
const webhookSecrets = (triggers: ReadonlyArray<Trigger>) =>
  triggers.flatMap((trigger, index) => {
    const name = webhookOf([trigger])?.secret
    return name === undefined ? [] : [{ name, path: ["triggers", index, "secret"] }]
  })

const decodeOutputs = Schema.decodeUnknownOption(Schema.Struct({ outputs: Schema.JsonObject }))

const atSteps = ({ message, path }: Issue): Issue => ({ path: ["steps", ...path], message })
