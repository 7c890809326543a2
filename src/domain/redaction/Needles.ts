import { Base64, Hex } from "effect/encoding"

/** A text that is not to be seen, and the name of the secret that it would tell. */
export interface Needle {
  readonly text: string
  readonly name: string
}

/** A value with fewer characters says too little to be looked for inside of other texts. */
export const shortestNeedle = 4

/** A secret longer than this is looked for in the commonest escapes alone: the views find the others. */
const longestEscaped = 1_024

/** The texts that a secret may stand as: itself, escaped, and in each encoding, alone or inside of a longer text. */
export const needlesOf = (name: string, value: string): ReadonlyArray<Needle> => {
  const bases = new Set([value, value.trim(), withoutBreaks(value.trim())])
  const escaped = new Set(
    [...bases].flatMap((base) => base.length > longestEscaped ? [base] : [base, ...escapesOf(base)])
  )
  const bytes = [...escaped].flatMap(bytesOf)
  const texts = new Set([...escaped, ...bytes.flatMap(base64Of), ...bytes.flatMap(hexOf)])
  return [...texts].filter((text) => text.length >= shortestNeedle).map((text) => ({ text, name }))
}

/** Without its line breaks, nor the white space by which a folded line begins. */
const withoutBreaks = (text: string): string => text.replace(/[\r\n]+[ \t]*/g, "")

const escapesOf = (text: string): ReadonlyArray<string> => {
  const url = encodeURIComponent(text.toWellFormed())
  return [JSON.stringify(text).slice(1, -1), url, url.replaceAll("%20", "+")]
}

/** In UTF-8 and, where that is another encoding of the same text, in Latin-1, as Basic authentication has it. */
const bytesOf = (text: string): ReadonlyArray<Uint8Array> =>
  /[\x80-\xff]/.test(text) && !/[^\0-\xff]/.test(text)
    ? [encoder.encode(text), Uint8Array.from(text, (character) => character.charCodeAt(0))]
    : [encoder.encode(text)]

const encoder = new TextEncoder()

const hexOf = (bytes: Uint8Array): ReadonlyArray<string> => {
  const hex = Hex.encode(bytes)
  return [hex, hex.toUpperCase()]
}

/**
 * Base64, standard and URL-safe: alone, with and without its padding, and what is the same in any longer text, whether
 * zero, one or two bytes stand before it in its group of three.
 */
const base64Of = (bytes: Uint8Array): ReadonlyArray<string> => {
  const alone = Base64.encode(bytes)
  const inside = [0, 1, 2].map((offset) => {
    const shifted = new Uint8Array(offset + bytes.length)
    shifted.set(bytes, offset)
    return Base64.encode(shifted).slice(Math.ceil(offset * 8 / 6), Math.floor(shifted.length * 8 / 6))
  })
  return [alone, alone.replace(/=+$/, ""), ...inside].flatMap((text) => [text, urlSafe(text)])
}

const urlSafe = (base64: string): string => base64.replaceAll("+", "-").replaceAll("/", "_")
