/** What breaks a line, or shows what follows in another order. */
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** A text that others have written in quotes and on one line: nothing in it can look like what stands around it. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    hidden,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
