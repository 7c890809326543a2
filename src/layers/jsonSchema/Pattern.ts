import { RE2JS } from "re2js"
import { Limits } from "../../domain/Limits.ts"
import type { Work } from "./Work.ts"

/** A pattern of ECMA-262 on an engine whose time is linear in the text. */
export interface Pattern {
  readonly source: string
  readonly program: RE2JS
}

/** The pattern, or why it can't be one. */
export const makePattern = (source: string, work: Work): Pattern | string => {
  if (source.length > Limits.patternCharacters) return `must have at most ${Limits.patternCharacters} characters`
  const size = sizeOf(source)
  if (size > Limits.patternSize) {
    return `repeats too much: written out it may have at most ${Limits.patternSize} characters`
  }
  work.spend(size * stepsToCompile)
  try {
    return { source, program: RE2JS.compile(RE2JS.translateRegExp(withShortNames(source))) }
  } catch {
    return "must be a regular expression without look-around and back-references (RE2 syntax)"
  }
}

/** Whether a text has a part that fits. The engine's worst case is a product, so the product is what it costs. */
export const matches = ({ program }: Pattern, text: string, work: Work): boolean => {
  work.spend(1 + Math.ceil(text.length * program.programSize() / charactersPerStep))
  return program.test(text)
}

/** Measured: up to 32 µs for a character to be compiled, up to 70 ns for an instruction to be tried at a character. */
const stepsToCompile = 32
const charactersPerStep = 12

const token = /\\.|\[(?:\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|[^]/gu

/** How many characters a pattern would have if its counted repetitions were written out: known without compiling it. */
const sizeOf = (source: string): number => {
  const groups = [0]
  let last = 0
  for (const [text, least, most] of source.matchAll(token)) {
    if (text === "(") {
      groups.push(0)
      last = 0
    } else if (text === ")") {
      last = (groups.length > 1 ? groups.pop() ?? 0 : 0) + 2
      groups[groups.length - 1] = (groups.at(-1) ?? 0) + last
    } else if (least !== undefined) {
      const more = (Math.max(Number(least), Number(most ?? 0), 1) - 1) * last
      groups[groups.length - 1] = (groups.at(-1) ?? 0) + more
      last += more
    } else {
      last = 1
      groups[groups.length - 1] = (groups.at(-1) ?? 0) + last
    }
  }
  return groups.reduce((total, size) => total + size, 0)
}

/** The names of general categories that ECMA-262 knows and RE2 does not. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ["Letter", "L"],
  ["Uppercase_Letter", "Lu"],
  ["Lowercase_Letter", "Ll"],
  ["Mark", "M"],
  ["Number", "N"],
  ["Decimal_Number", "Nd"],
  ["digit", "Nd"],
  ["Punctuation", "P"],
  ["punct", "P"],
  ["Symbol", "S"],
  ["Separator", "Z"],
  ["Space_Separator", "Zs"]
])

const withShortNames = (source: string): string =>
  source.replaceAll(/\\(?:([pP])\{(\w+)\}|.)/gs, (text: string, p?: string, name?: string) => {
    const short = name === undefined ? undefined : shortNames.get(name)
    return short === undefined ? text : `\\${p}{${short}}`
  })
