import { scan } from "./Scanner.ts"

/** A part of a template: a text as it is, or an expression with the place where its text begins. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expression"; readonly source: string; readonly position: number }

/** A text with expressions in `{{ … }}`; `\{{` is a literal `{{`. */
export interface Template {
  readonly parts: ReadonlyArray<TemplatePart>
  /** Where a `{{` stands that nothing closes. */
  readonly unclosed: number | undefined
}

/** Takes a template apart. A text without expressions has one part, or none when it is empty. */
export const parseTemplate = (template: string): Template => {
  const parts: Array<TemplatePart> = []
  let text = ""
  let index = 0
  const flush = () => {
    if (text !== "") parts.push({ kind: "text", text })
    text = ""
  }
  while (index < template.length) {
    const open = template.indexOf("{{", index)
    if (open < 0) break
    if (template.charAt(open - 1) === "\\" && open > index) {
      text += `${template.slice(index, open - 1)}{{`
      index = open + 2
      continue
    }
    text += template.slice(index, open)
    const { end } = scan(template, open + 2, true)
    if (end === undefined) {
      flush()
      return { parts, unclosed: open }
    }
    flush()
    parts.push({ kind: "expression", source: template.slice(open + 2, end), position: open + 2 })
    index = end + 2
  }
  text += template.slice(index)
  flush()
  return { parts, unclosed: undefined }
}
