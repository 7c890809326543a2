/** A text with its escapes read. */
export interface View {
  readonly text: string
  /** Where a part of the view stands in the text itself. */
  readonly placeOf: (start: number, end: number) => { readonly start: number; readonly end: number }
  /** A shorter match is left alone: in this view it would be chance. */
  readonly shortestMatch: number
}

/** Reads one kind of escape wherever it stands in a text; undefined: it stands nowhere. */
export type Decoder = (text: string) => View | undefined

const makeDecoder = (pattern: RegExp, decode: (escape: string) => string, shortestMatch = 0): Decoder => (text) => {
  if (text.search(pattern) === -1) return undefined
  // The view's parts: what stands between the escapes has even indexes, what the escapes stand for odd ones.
  const parts: Array<string> = []
  const inView = [0]
  const inText = [0]
  let [viewed, read] = [0, 0]
  const add = (part: string, end: number) => {
    parts.push(part)
    inView.push(viewed += part.length)
    inText.push(read = end)
  }
  for (const { 0: escape, index } of text.matchAll(pattern)) {
    add(text.slice(read, index), index)
    add(decode(escape), index + escape.length)
  }
  add(text.slice(read), text.length)

  const partAt = (index: number) => {
    const part = lastUpTo(inView, index)
    const [start = 0, end = text.length] = inText.slice(part, part + 2)
    const offset = index - (inView[part] ?? 0)
    return part % 2 === 1 ? { start, end } : { start: start + offset, end: start + offset + 1 }
  }
  return {
    text: parts.join(""),
    placeOf: (start, end) => ({ start: partAt(start).start, end: partAt(end - 1).end }),
    shortestMatch
  }
}

/** The index of the last of these sorted numbers that is not larger than `limit`. */
const lastUpTo = (sorted: ReadonlyArray<number>, limit: number): number => {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((sorted[middle] ?? 0) <= limit) low = middle
    else high = middle - 1
  }
  return low
}

/** One character in UTF-8 or, where it is none, one byte. */
const percent = "%[c-dC-D][\\da-fA-F]%[89abAB][\\da-fA-F]|%[eE][\\da-fA-F](?:%[89abAB][\\da-fA-F]){2}" +
  "|%[fF][0-7](?:%[89abAB][\\da-fA-F]){3}|%[\\da-fA-F]{2}"

const percentDecoded = (escape: string): string => {
  try {
    return decodeURIComponent(escape)
  } catch {
    return String.fromCharCode(...escape.slice(1).split("%").map((byte) => Number.parseInt(byte, 16)))
  }
}

const controls = new Map([["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"], ["t", "\t"]])

const jsonDecoded = (escape: string): string =>
  escape.startsWith("\\u")
    ? String.fromCharCode(Number.parseInt(escape.slice(2), 16))
    : controls.get(escape.charAt(1)) ?? escape.charAt(1)

const entities = new Map([["&amp;", "&"], ["&lt;", "<"], ["&gt;", ">"], ["&quot;", "\""], ["&apos;", "'"]])

const entityDecoded = (entity: string): string => {
  const named = entities.get(entity)
  if (named !== undefined) return named
  const code = /^&#x/i.test(entity) ? Number.parseInt(entity.slice(3), 16) : Number.parseInt(entity.slice(2), 10)
  return code > 0x10ffff ? entity : String.fromCodePoint(code)
}

/** The escapes of URLs, in capitals or not, of as many characters as their writer liked. */
export const url = makeDecoder(new RegExp(percent, "g"), percentDecoded)

/** The escapes of forms: those of URLs, and `+` for a space. */
export const form = makeDecoder(
  new RegExp(`${percent}|\\+`, "g"),
  (escape) => escape === "+" ? " " : percentDecoded(escape)
)

/** The escapes of JSON and JavaScript strings. */
export const json = makeDecoder(/\\(?:u[\da-fA-F]{4}|["'\\/bfnrt])/g, jsonDecoded)

/** The entities by which HTML and XML are escaped. */
export const html = makeDecoder(/&(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][\da-fA-F]{1,6});/g, entityDecoded)

/** A text that was broken into lines, as in MIME, PEM and folded headers. */
export const unwrapped = makeDecoder(/[\r\n]+[ \t]*/g, () => "", 8)
