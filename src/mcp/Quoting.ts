/** What a text may hold that shows it as another one: control and format characters, other line ends, and half characters. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A text of somebody else's on one line: what can't be seen, or turns what follows around, is written as `\uXXXX`. */
export const plain = (text: string): string =>
  text.replace(hidden, (character) => unitsOf(character).map(escape).join(""))

/** The same in quotes, which it can't leave. */
export const quoted = (text: string): string => `"${plain(text.replace(/["\\]/g, "\\$&"))}"`

/** The same with its middle left out where it is longer: what it begins with and what it ends in. */
export const quotedEnds = (text: string, characters: number): string => {
  if (text.length <= characters) return quoted(text)
  const half = Math.floor(characters / 2)
  const left = text.length - 2 * half
  return `${quoted(text.slice(0, half))} (${left} characters left out) ${quoted(text.slice(-half))}`
}

const unitsOf = (text: string): ReadonlyArray<number> =>
  Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))

const escape = (unit: number): string => `\\u${unit.toString(16).padStart(4, "0")}`
