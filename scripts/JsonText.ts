import type { Schema } from "effect"

const lineWidth = 120

/** JSON for people: what fits on one line stands on one, anything else has a line for each member. */
export const jsonText = (value: Schema.Json, indent = "", before = 0): string => {
  const line = onOneLine(value)
  if (typeof value !== "object" || value === null || indent.length + before + line.length <= lineWidth) return line
  const inner = `${indent}  `
  const [open, close] = Array.isArray(value) ? "[]" : "{}"
  const lines = Array.isArray(value)
    ? value.map((item) => jsonText(item, inner))
    : Object.entries(value).map(([name, member]) => {
      const key = `${JSON.stringify(name)}: `
      return key + jsonText(member, inner, key.length + 1)
    })
  return `${open}\n${lines.map((text) => inner + text).join(",\n")}\n${indent}${close}`
}

const onOneLine = (value: Schema.Json): string =>
  Array.isArray(value)
    ? `[${value.map(onOneLine).join(", ")}]`
    : typeof value === "object" && value !== null
    ? inBraces(Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${onOneLine(member)}`))
    : JSON.stringify(value)

const inBraces = (members: ReadonlyArray<string>): string => members.length === 0 ? "{}" : `{ ${members.join(", ")} }`
