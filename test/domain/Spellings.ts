const bytesOf = (text: string) => new TextEncoder().encode(text)

/** The characters of a text's base64 that no other text around it changes, where so many bytes stand before it. */
const base64After = (text: string, before: number): string => {
  const bytes = [...new Uint8Array(before), ...bytesOf(text)]
  const encoded = btoa(String.fromCharCode(...bytes))
  return encoded.slice(Math.ceil(before * 8 / 6), Math.floor(bytes.length * 8 / 6))
}

const hexOf = (text: string): string => Array.from(bytesOf(text), (byte) => byte.toString(16).padStart(2, "0")).join("")

const inAscii = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/** How a text may stand in something that was written down: plain, in base64 at any place, in hexadecimal, in JSON, in a URL. */
export const spellingsOf = (text: string): ReadonlyArray<string> => {
  const base64 = [0, 1, 2].map((before) => base64After(text, before))
  const url = encodeURIComponent(text)
  return [
    ...new Set([
      text,
      inJson(text),
      inJson(inJson(text)),
      inAscii(inJson(text)),
      ...base64,
      ...base64.map((encoded) => encoded.replaceAll("+", "-").replaceAll("/", "_")),
      hexOf(text),
      hexOf(text).toUpperCase(),
      url,
      url.replace(/%../g, (escape) => escape.toLowerCase()),
      new URLSearchParams({ "": text }).toString().slice(1)
    ])
  ]
}
