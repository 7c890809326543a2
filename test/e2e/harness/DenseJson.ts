import type { Schema } from "effect"
import { jsonText } from "../../../scripts/JsonText.ts"

const lineWidth = 120

/** What is not longer may stand beside another one. */
const shortText = 50

/** JSON for a page with much of it: as `jsonText`, with short members side by side. */
export const denseJson = (value: Schema.Json, indent = "", before = 0): string => {
  const line = jsonText(value, "", Number.NEGATIVE_INFINITY)
  if (!isNested(value) || indent.length + before + line.length <= lineWidth) return line
  const inner = `${indent}  `
  const [open, close] = Array.isArray(value) ? "[]" : "{}"
  const lines: Array<{ readonly text: string; readonly isShort: boolean }> = []
  for (const [name, member] of Object.entries(value)) {
    const key = Array.isArray(value) ? "" : `${JSON.stringify(name)}: `
    const text = key + denseJson(member, inner, key.length + 1)
    const isShort = !isNested(member) || text.length <= shortText
    const last = lines.at(-1)
    const isBeside = isShort && last?.isShort === true && inner.length + last.text.length + text.length + 3 <= lineWidth
    if (isBeside) lines.splice(-1, 1, { text: `${last.text}, ${text}`, isShort })
    else lines.push({ text, isShort })
  }
  return `${open}\n${lines.map(({ text }) => inner + text).join(",\n")}\n${indent}${close}`
}

const isNested = (value: Schema.Json) => typeof value === "object" && value !== null
