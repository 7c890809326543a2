import type { Implementation } from "../Evaluation.ts"
import { ExpressionFailure } from "../ExpressionFailure.ts"
import { ExpressionLimits as Limits } from "../ExpressionLimits.ts"
import { lent } from "../Jsonata.ts"
import { over } from "../Meter.ts"
import type { Value } from "../Values.ts"
import { checkPicture } from "./Numbers.ts"

const { implementation: formatTime } = lent("fromMillis")
const { implementation: parseTime } = lent("toMillis")

/** A width is written out in digits or in spaces. */
const checkWidths = (picture: Value): void => {
  checkPicture(picture)
  if (typeof picture === "string" && /,[^,\]]*\d{3}[^,\]]*\]/.test(picture)) {
    throw over("picture", "has a picture that is wider than 99")
  }
}

const fromMillis: Implementation = ({ meter }, [millis, picture, zone]) => {
  if (typeof millis !== "number") return undefined
  checkWidths(picture)
  checkPicture(zone)
  meter.work(100)
  const result = formatTime.call(undefined, millis, picture, zone)
  return typeof result === "string" ? result : undefined
}

const toMillis: Implementation = ({ meter, now }, [text, picture]) => {
  if (typeof text !== "string") return undefined
  checkWidths(picture)
  if (text.length > Limits.pictureCharacters) {
    throw over("picture", `reads a time of more than ${Limits.pictureCharacters} characters`)
  }
  if (typeof picture === "string") checkUnambiguous(picture)
  meter.work(100)
  const result = parseTime.call({ environment: { timestamp: new Date(now) } }, text, picture)
  return typeof result === "number" ? result : undefined
}

/**
 * JSONata reads a time by a regular expression made of the picture. It takes linear time when nothing that follows a part
 * can belong to the part as well; each place where it can multiplies the time by the length of the text.
 */
const checkUnambiguous = (picture: string): void => {
  let before = ""
  let clashes = 0
  for (const [, marker, literal] of picture.matchAll(/\[([^[\]]*)\]|([^[]+|\[\[)/g)) {
    const next = marker === undefined ? literal ?? "" : kindOf(marker)
    const clash = marker === undefined
      ? (before === "digits" && /^\d/.test(next)) || (before === "letters" && /^[A-Za-z]/.test(next)) ||
        (before === "words" && /^[A-Za-z ,-]/.test(next))
      : next !== "digits" && before !== "" && before !== "digits" && next !== "zone"
    if (clash && ++clashes > 2) {
      throw new ExpressionFailure({
        code: "forbidden",
        message: "The picture has parts that can't be told apart: put a separator between them"
      })
    }
    before = marker === undefined ? "" : next
  }
}

/** What a part of a picture reads. */
const kindOf = (marker: string): "digits" | "letters" | "words" | "zone" => {
  const shape = marker.replace(/\s+/g, "")
  if (/^[Zz]/.test(shape)) return "zone"
  const presentation = shape.slice(1).replace(/,.*$/, "")
  if (/^[Ww]/.test(presentation)) return "words"
  return /^[AaIiNn]/.test(presentation) || (presentation === "" && /^[FPCE]/.test(shape)) ? "letters" : "digits"
}

/** Functions of times, by name. The time is that of the evaluation's start. */
export const times: Readonly<Record<string, Implementation>> = {
  fromMillis,
  toMillis,
  now: (evaluation, [picture, zone], input) => fromMillis(evaluation, [evaluation.now, picture, zone], input),
  millis: ({ now }) => now
}
