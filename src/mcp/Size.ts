import { Limits } from "../domain/Limits.ts"
import { cut, utf8Bytes } from "../domain/Text.ts"

/** How many bytes an answer takes on the wire: its text stands in it as JSON inside of JSON. */
export const answerBytes = (structured: unknown): number => {
  const text = JSON.stringify(structured)
  return utf8Bytes(text) + utf8Bytes(JSON.stringify(text))
}

/** Whether an answer is small enough, with room for what goes around it. */
export const fits = (structured: unknown): boolean => answerBytes(structured) <= Limits.toolAnswerBytes - envelopeBytes

/** The protocol's own part of an answer, and the links beside the text. */
const envelopeBytes = 4_000

/** The first items, as many of them as there is room for; at least one. */
export const fitting = <Item, Output>(
  items: ReadonlyArray<Item>,
  make: (items: ReadonlyArray<Item>) => Output
): ReadonlyArray<Item> => {
  let count = items.length
  while (count > 1 && !fits(make(items.slice(0, count)))) count = Math.floor(count / 2)
  return items.slice(0, count)
}

/** A page of a list as a tool's output: as many items as there is room for, and the cursor behind the last of them. */
export const fittingPage = <Item, View>(
  found: { readonly items: ReadonlyArray<Item>; readonly nextCursor: string | null },
  viewOf: (item: Item) => View,
  cursorAfter: (item: Item) => string
) => {
  const views = found.items.map(viewOf)
  const items = fitting(views, (items) => ({ items }))
  const last = found.items[items.length - 1]
  const nextCursor = items.length < views.length && last !== undefined ? cursorAfter(last) : found.nextCursor
  return { output: { items, nextCursor } }
}

/** The beginning of a text that may be of any length. */
export const clipped = (text: string, characters: number): string =>
  text.length <= characters ? text : `${cut(text, characters)}…`

/** JSON in whose texts no half of a surrogate pair stands: a strict parser refuses all of an answer for one. */
export const wellFormed = <Value>(value: Value): Value =>
  // JSON writes such halves, and nothing else, as escapes that begin so. SAFETY: only texts become others.
  JSON.stringify(value).includes("\\ud") ? mended(value) as Value : value

const mended = (value: unknown): unknown =>
  typeof value === "string"
    ? value.toWellFormed()
    : Array.isArray(value)
    ? value.map(mended)
    : typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), mended(member)]))
    : value
