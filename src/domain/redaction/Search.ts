import type { Needle } from "./Needles.ts"
import { shortestNeedle } from "./Needles.ts"

/** A part of a text that needles cover: one, or several that overlap. */
export interface Match {
  readonly start: number
  readonly end: number
  /** Of the longest needle in it, and how long that is. */
  readonly name: string
  readonly longest: number
}

/** Adds a match that begins no earlier than the last one; with one that it overlaps it becomes one. */
export const addMatch = (matches: Array<Match>, match: Match): void => {
  const last = matches.at(-1)
  if (last === undefined || match.start >= last.end) {
    matches.push(match)
    return
  }
  const { longest, name } = match.longest > last.longest ? match : last
  matches[matches.length - 1] = { start: last.start, end: Math.max(last.end, match.end), name, longest }
}

/** A needle up to this length is compared at each place where it may begin; a longer one is searched for once. */
const longestCompared = 64

/**
 * Finds all places of all needles, those that overlap too, in no particular order. One pass over the text compares each
 * place with those needles alone that begin with the same four characters.
 */
export const makeSearch = (needles: ReadonlyArray<Needle>): (text: string) => ReadonlyArray<Match> => {
  const beginnings = Map.groupBy(needles, ({ text }) => hashOf(text))
  const known = new Uint8Array(hashes)
  for (const hash of beginnings.keys()) known[hash] = 1

  return (text) => {
    const short: Array<Match> = []
    const long: Array<Match> = []
    const searched = new Set<Needle>()
    const { length: end } = text
    let hash = 0
    for (let index = 0; index < end; index++) {
      hash = next(hash, text.charCodeAt(index))
      if (known[hash] === 0) continue
      const start = index + 1 - shortestNeedle
      if (start < 0) continue
      for (const needle of beginnings.get(hash) ?? []) {
        const { name, text: { length } } = needle
        if (length <= longestCompared) {
          if (text.startsWith(needle.text, start)) {
            addMatch(short, { start, end: start + length, name, longest: length })
          }
        } else if (!searched.has(needle) && text.startsWith(needle.text.slice(0, longestCompared), start)) {
          searched.add(needle)
          long.push(...matchesOf(needle, text, start))
        }
      }
    }
    return long.length === 0 ? short : [...short, ...long]
  }
}

const hashes = 65_536

/** Goes on by a character; what stood four characters before has no part in the hash any more. */
const next = (hash: number, code: number): number => ((hash << 4) ^ Math.imul(code, 0x2c9)) & (hashes - 1)

const hashOf = (text: string): number => {
  let hash = 0
  for (let index = 0; index < shortestNeedle; index++) hash = next(hash, text.charCodeAt(index))
  return hash
}

/** Knuth, Morris and Pratt: every place from `start` on, in a time that no pair of texts makes longer. */
const matchesOf = ({ name, text: needle }: Needle, text: string, start: number): ReadonlyArray<Match> => {
  const borders = bordersOf(needle)
  const matches: Array<Match> = []
  let matched = 0
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index)
    while (matched > 0 && (matched === needle.length || needle.charCodeAt(matched) !== code)) {
      matched = borders[matched - 1] ?? 0
    }
    if (needle.charCodeAt(matched) === code) matched++
    if (matched === needle.length) {
      addMatch(matches, { start: index + 1 - matched, end: index + 1, name, longest: matched })
    }
  }
  return matches
}

/** For each beginning of the needle the length of the longest shorter one that it ends with. */
const bordersOf = (needle: string): Int32Array => {
  const borders = new Int32Array(needle.length)
  let matched = 0
  for (let index = 1; index < needle.length; index++) {
    while (matched > 0 && needle.charCodeAt(matched) !== needle.charCodeAt(index)) matched = borders[matched - 1] ?? 0
    if (needle.charCodeAt(matched) === needle.charCodeAt(index)) matched++
    borders[index] = matched
  }
  return borders
}
