import { Schema } from "effect"
import { definitionSchema } from "../src/domain/DefinitionSchema.ts"
import { defaultOf, isNamed, Node, typeOf, withoutTemplate } from "./SchemaWords.ts"

const Root = Schema.Struct({ $defs: Schema.Record(Schema.String, Node) })
const schema = Schema.decodeUnknownSync(Node)(definitionSchema())
const { $defs } = Schema.decodeUnknownSync(Root)(definitionSchema())

const definition = (name: string): Node => {
  const found = $defs[name]
  if (found === undefined) throw new Error(`The language's schema has no definition "${name}"`)
  return found
}

type Row = ReadonlyArray<string>

const rowsOf = (node: Node, prefix = ""): ReadonlyArray<Row> =>
  Object.entries(node.properties ?? {}).flatMap(([name, member]) => {
    const isRequired = node.required?.includes(name) ?? false
    const shown = shownAs(withoutTemplate(member))
    const row = (type: string) => [`\`${prefix}${name}\``, type, defaultOf(shown, isRequired), shown.description ?? ""]
    const items = shown.items === undefined ? undefined : withoutTemplate(shown.items)
    if (items?.properties !== undefined) return [row(typeOf(shown)), ...rowsOf(items, `${prefix}${name}[].`)]
    return shown.properties === undefined
      ? [row(typeOf(shown))]
      : [row("object"), ...rowsOf(shown, `${prefix}${name}.`)]
  })

/** A member as the page shows it: by the name of what it refers to, or as that is if the page has no name for it. */
const shownAs = (member: Node): Node => {
  if (member.$ref === undefined) return member
  const { description = "", ...target } = definition(member.$ref.replace("#/$defs/", ""))
  if (isNamed(member)) return { description, ...member }
  const { $ref: _, ...notes } = member
  return { description, ...target, ...notes }
}

const tableOf = (header: Row, rows: ReadonlyArray<Row>): string =>
  [header, header.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`)
    .join("\n")

const header = ["member", "type", "default", "meaning"]
const members = (node: Node, leftOut: ReadonlyArray<string> = []) =>
  tableOf(header, rowsOf(node).filter(([name = ""]) => !leftOut.includes(name.replaceAll("`", ""))))

/** The kinds of a union. */
const kinds = (node: Node): ReadonlyArray<Node> =>
  (node.anyOf ?? []).filter(({ properties }) => properties !== undefined)

const kind = (node: Node, title: string): Node => {
  const found = kinds(node).find((candidate) => candidate.title === title)
  if (found === undefined) throw new Error(`The language's schema has no kind "${title}"`)
  return found
}

/** The members that every kind has alike. */
const common = (node: Node): Node => {
  const [first, ...others] = kinds(node)
  const isCommon = ([name, member]: readonly [string, Node]) =>
    others.every(({ properties = {} }) => JSON.stringify(properties[name]) === JSON.stringify(member))
  return {
    required: first?.required ?? [],
    properties: Object.fromEntries(Object.entries(first?.properties ?? {}).filter(isCommon))
  }
}

/** The members that a kind has besides those. */
const own = (node: Node, title: string): string =>
  members(kind(node, title), ["type", "operation", ...Object.keys(common(node).properties ?? {})])

/** A table of all kinds, each with what it has besides its `type`. */
const byKind = (node: Node): string =>
  tableOf(
    ["type", ...header],
    kinds(node).flatMap((kind) =>
      rowsOf(kind).filter(([name]) => name !== "`type`").map((row) => [`\`"${kind.title ?? ""}"\``, ...row])
    )
  )

const step = definition("Step")
const transform = definition("TransformConfig")

/** The step types, in the order of the schema. */
export const stepTypes: ReadonlyArray<string> = kinds(step).map(({ title = "" }) => title)

/** The operations of `transform`, in the order of the schema. */
export const operations: ReadonlyArray<string> = kinds(transform).map(({ title = "" }) => title)

/** A table of kinds with what each is for, linked to its section. */
const described = (name: string, node: Node): string =>
  tableOf(
    [name, "does"],
    kinds(node).map(({ description = "", title = "" }) => [`[\`${title}\`](#${title})`, description])
  )

/** The configuration of a step type. The members of `transform` are those of its operations. */
const configOf = (type: string): string => {
  const name = kind(step, type).properties?.["config"]?.$ref?.replace("#/$defs/", "") ?? ""
  return members(type === "transform" ? common(transform) : definition(name))
}

/** The generated parts of the reference, by name. */
export const languageTables: Readonly<Record<string, string>> = {
  definition: members(schema),
  settings: members(definition("Settings")),
  "step types": described("type", step),
  step: members(common(step)),
  retry: members(definition("Retry")),
  undo: members(common(definition("Undo"))),
  auth: byKind(definition("HttpAuth")),
  operations: described("operation", transform),
  triggers: byKind(definition("Trigger")),
  ...Object.fromEntries(stepTypes.map((type) => [type, configOf(type)])),
  ...Object.fromEntries(operations.map((name) => [`transform ${name}`, own(transform, name)]))
}

const part = /^<!-- table: (.+) -->\n[^]*?^<!-- end -->$/gm

/** The names of the generated parts that a page has. */
export const partsOf = (page: string): ReadonlyArray<string> => [...page.matchAll(part)].map(([, name = ""]) => name)

/** A page whose generated parts are as the schemas have them today. */
export const withTables = (page: string): string =>
  page.replace(part, (_, name: string) => {
    const table = languageTables[name]
    if (table === undefined) throw new Error(`There is no table "${name}"`)
    return `<!-- table: ${name} -->\n\n${table}\n\n<!-- end -->`
  })
