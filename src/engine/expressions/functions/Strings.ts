import type { Implementation } from "../Evaluation.ts"
import { failWith } from "../ExpressionFailure.ts"
import type { Meter } from "../Meter.ts"
import { toText } from "../Operators.ts"
import type { Value } from "../Values.ts"
import { isArray } from "../Values.ts"

/** A function of a text; of nothing it gives nothing. */
const ofText =
  (apply: (text: string, meter: Meter, args: ReadonlyArray<Value>) => Value): Implementation => ({ meter }, args) => {
    const [text] = args
    if (typeof text !== "string") return undefined
    meter.read(text.length)
    return apply(text, meter, args)
  }

/** A text made of another, of at most `factor` times its length. */
const madeOf = (apply: (text: string) => string, factor = 1): Implementation =>
  ofText((text, meter) => {
    meter.text(text.length * factor)
    return apply(text)
  })

const encoded = (apply: (text: string) => string, factor = 1): Implementation =>
  madeOf((text) => {
    try {
      return apply(text)
    } catch {
      throw failWith("D3140")
    }
  }, factor)

const numberOr = (value: Value, fallback: number): number => typeof value === "number" ? value : fallback

/** Characters, not the units of UTF-16; most texts have none of two units. */
const characters = (text: string, meter: Meter): string | ReadonlyArray<string> => {
  if (!/[\ud800-\udfff]/.test(text)) return text
  meter.array(0, text.length)
  return [...text]
}

const textOf = (found: string | ReadonlyArray<string>): string => typeof found === "string" ? found : found.join("")

const pad: Implementation = ({ meter }, [text, width, filler]) => {
  if (typeof text !== "string") return undefined
  const size = Math.trunc(numberOr(width, 0))
  meter.read(text.length)
  const missing = Math.abs(size) - characters(text, meter).length
  if (!(missing > 0)) return text
  const unit = characters(typeof filler === "string" && filler !== "" ? filler : " ", meter)
  const unitText = textOf(unit)
  meter.text(text.length + missing / unit.length * unitText.length)
  const padding = unitText.repeat(Math.floor(missing / unit.length)) + textOf(unit.slice(0, missing % unit.length))
  return size > 0 ? text + padding : padding + text
}

const substring = ofText((text, meter, [, from, length]) => {
  const all = characters(text, meter)
  const begin = numberOr(from, 0)
  const start = all.length + begin < 0 ? 0 : begin
  if (typeof length !== "number") return textOf(all.slice(start))
  if (length <= 0) return ""
  return textOf(all.slice(start, start >= 0 ? start + length : all.length + start + length))
})

const join: Implementation = ({ meter }, [texts, separator]) => {
  if (!isArray(texts)) return undefined
  const between = typeof separator === "string" ? separator : ""
  meter.work(texts.length)
  meter.text(texts.reduce<number>((sum, text) => sum + between.length + String(text).length, 0))
  return texts.join(between)
}

const string: Implementation = ({ meter }, [value, prettify]) =>
  value === undefined ? undefined : toText(value, meter, prettify === true ? 2 : 0)

/** Functions of texts, by name; regular expressions have a file of their own. */
export const strings: Readonly<Record<string, Implementation>> = {
  string,
  substring,
  substringBefore: ofText((text, _, [, mark]) => {
    const place = text.indexOf(String(mark))
    return place < 0 ? text : text.slice(0, place)
  }),
  substringAfter: ofText((text, _, [, mark]) => {
    const place = text.indexOf(String(mark))
    return place < 0 ? text : text.slice(place + String(mark).length)
  }),
  lowercase: madeOf((text) => text.toLowerCase(), 3),
  uppercase: madeOf((text) => text.toUpperCase(), 3),
  length: ofText((text, meter) => characters(text, meter).length),
  trim: madeOf((text) => text.replace(/[ \t\n\r]+/g, " ").replace(/^ | $/g, "")),
  pad,
  join,
  base64encode: encoded(btoa, 2),
  base64decode: encoded(atob),
  encodeUrlComponent: encoded(encodeURIComponent, 9),
  encodeUrl: encoded(encodeURI, 9),
  decodeUrlComponent: encoded(decodeURIComponent),
  decodeUrl: encoded(decodeURI)
}
