import { Schema, SchemaAST } from "effect"
import type { Json } from "effect/Schema"

/** The message of a text that would have to be a template; it says nothing to a client who wrote none. */
export const notATemplate = "is not a template"

/** A text that holds expressions in `{{ … }}`. What stands in them is checked when the workflow is saved. */
export const TemplateString = Schema.String
  .check(Schema.isPattern(/\{\{/u, { message: notATemplate }))
  .annotate({ identifier: "Template", description: "A text with expressions in {{ … }}" })

/** Whether a value is a text that may hold expressions. */
export const isTemplate = (value: Json | undefined): value is string =>
  typeof value === "string" && value.includes("{{")

/**
 * What a client may write where `schema` is wanted when the step runs: the same, but any value in it may be given by a
 * template. The members that tell the kinds of a union apart must be written out.
 */
export const templated = <S extends Schema.Constraint>(schema: S): Schema.Codec<Json, unknown> =>
  // SAFETY: what this schema admits is JSON; only the expressions read it, and `schema` decodes what they make of it.
  Schema.make<Schema.Codec<Json, unknown>>(withTemplates(schema.ast))

const withTemplates = (ast: SchemaAST.AST): SchemaAST.AST => {
  switch (ast._tag) {
    case "Objects":
      return new SchemaAST.Objects(
        ast.propertySignatures.map(({ name, type }) => new SchemaAST.PropertySignature(name, orTemplate(type))),
        ast.indexSignatures.map(({ parameter, type }) => new SchemaAST.IndexSignature(parameter, orTemplate(type))),
        ast.annotations,
        ast.checks,
        undefined,
        ast.context
      )
    case "Arrays":
      return new SchemaAST.Arrays(
        ast.isMutable,
        ast.elements.map(orTemplate),
        ast.rest.map(orTemplate),
        ast.annotations,
        ast.checks,
        undefined,
        ast.context
      )
    case "Union":
      return new SchemaAST.Union(
        ast.types.map(withTemplates),
        ast.options,
        ast.annotations,
        ast.checks,
        undefined,
        ast.context
      )
    default:
      return ast
  }
}

/** Literals stay: they tell the kinds of a union apart. JSON (the one declaration) holds every template already. */
const orTemplate = (ast: SchemaAST.AST): SchemaAST.AST => {
  if (ast._tag === "Literal" || ast._tag === "Declaration" || ast._tag === "Suspend") return ast
  const types = ast._tag === "Union" ? ast.types.filter((type) => type !== TemplateString.ast) : []
  const alternatives = ast._tag === "Union" && types.length < ast.types.length
    ? withTemplates(ast)
    : new SchemaAST.Union([withTemplates(ast), TemplateString.ast])
  const schema = Schema.make<Schema.Codec<unknown>>(alternatives)
  const key = SchemaAST.isOptional(ast) ? Schema.optionalKey(schema) : schema
  // What the member means is said of its key, and stays true.
  return ast.context?.annotations === undefined ? key.ast : key.annotateKey(ast.context.annotations).ast
}
