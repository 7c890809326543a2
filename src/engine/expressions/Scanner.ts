import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"

/** What a look over an expression's text tells without parsing it. */
export interface Scan {
  /** Where the `}}` stands that closes it; undefined where there is none. */
  readonly end: number | undefined
  /** How deeply its brackets nest. */
  readonly depth: number
  /** How often at most the parser would copy a part of it: `(a ?: b) ?: c` copies its left side twice. */
  readonly copies: number
}

/** Looks over an expression from `start` on: to its end in a template, or to the end of the text. */
export const scan = (text: string, start: number, inTemplate: boolean): Scan => {
  const groups: Array<{ readonly isBrace: boolean; copies: number; closed: number }> = [{
    isBrace: false,
    copies: 0,
    closed: 0
  }]
  let braces = 0
  let depth = 0
  let copies = 0
  let afterOperand = false
  let index = start
  while (index < text.length) {
    const character = text.charAt(index)
    const pair = text.slice(index, index + 2)
    if (inTemplate && braces === 0 && pair === "}}") return { end: index, depth, copies }
    const group = groups[groups.length - 1]
    if (spaces.includes(character)) {
      index++
    } else if (pair === "/*") {
      const close = text.indexOf("*/", index + 2)
      index = close < 0 ? text.length : close + 2
    } else if (character === "\"" || character === "'" || character === "`") {
      index = endOfQuoted(text, index)
      afterOperand = true
    } else if (character === "/" && !afterOperand) {
      index = endOfRegex(text, index)
      afterOperand = true
    } else if (pair === "?:" || pair === "??") {
      if (group !== undefined) {
        group.copies = Math.max(group.copies, group.closed + 1)
        copies = Math.max(copies, group.copies)
      }
      index += 2
      afterOperand = false
    } else if ("([{".includes(character)) {
      groups.push({ isBrace: character === "{", copies: 0, closed: 0 })
      if (character === "{") braces++
      depth = Math.max(depth, groups.length - 1)
      index++
      afterOperand = false
    } else if (")]}".includes(character)) {
      if (groups.length > 1) {
        const closed = groups.pop()
        const outer = groups[groups.length - 1]
        if (closed?.isBrace === true) braces--
        if (closed !== undefined && outer !== undefined) {
          outer.closed = Math.max(outer.closed, closed.copies, closed.closed)
        }
      }
      index++
      afterOperand = true
    } else if (operators.includes(character)) {
      index++
      afterOperand = false
    } else {
      const from = index
      while (index < text.length && !stops.includes(text.charAt(index))) index++
      afterOperand = !(afterOperand && words.has(text.slice(from, index)))
    }
  }
  return { end: undefined, depth, copies }
}

/** Why the parser must not be given a text; undefined when it may. */
export const refusal = (text: string): string | undefined => {
  if (text.length > Limits.textCharacters) return `The expression is longer than ${Limits.textCharacters} characters`
  const { copies, depth } = scan(text, 0, false)
  return depth > Limits.syntaxDepth || copies > 6 ? "The expression nests too deeply" : undefined
}

const spaces = " \t\n\r\v"
const operators = ".,@#;:?+-*/%|=<>^!~&"
const stops = `${spaces}${operators}()[]{}"'\``
const words: ReadonlySet<string> = new Set(["and", "or", "in"])

const endOfQuoted = (text: string, start: number): number => {
  const quote = text.charAt(start)
  for (let index = start + 1; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === "\\" && quote !== "`") index++
    else if (character === quote) return index + 1
  }
  return text.length
}

/** A slash in brackets does not end a regular expression: that is how JSONata reads one. */
const endOfRegex = (text: string, start: number): number => {
  let depth = 0
  for (let index = start + 1; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === "\\") index++
    else if ("([{".includes(character)) depth++
    else if (")]}".includes(character)) depth--
    else if (character === "/" && depth === 0) return index + 1
  }
  return text.length
}
