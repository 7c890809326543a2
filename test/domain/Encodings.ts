const utf8 = (text: string) => new TextEncoder().encode(text)
export const base64 = (text: string) => Buffer.from(text).toString("base64")
const urlSafe = (text: string) => base64(text).replaceAll("+", "-").replaceAll("/", "_")
const hex = (text: string) => Buffer.from(text).toString("hex")
export const jsonEscaped = (text: string) => JSON.stringify(text).slice(1, -1)
const asciiJson = (text: string) =>
  jsonEscaped(text).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
const formEncoded = (text: string) => new URLSearchParams({ "": text }).toString().slice(1)
const everyByte = (text: string) => Array.from(utf8(text), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
const htmlEscaped = (text: string) =>
  text.replace(
    /[&<>"']/g,
    (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;" })[character] ?? "&#39;"
  )
const lowerEscapes = (text: string) => text.replace(/%../g, (escape) => escape.toLowerCase())
export const wrapped = (text: string) => text.replace(/.{5}/g, "$&\r\n ")

/** How a secret may be written so that it can be read off, alone. */
export const encodings: Readonly<Record<string, (text: string) => string>> = {
  "as it is": (text) => text,
  "in JSON": jsonEscaped,
  "in JSON of ASCII": asciiJson,
  "in JSON of ASCII, in capitals": (text) =>
    asciiJson(text).replace(/\\u(....)/g, (_, digits: string) => `\\u${digits.toUpperCase()}`),
  "in JSON with escaped slashes": (text) => jsonEscaped(text).replaceAll("/", "\\/"),
  "in JSON inside of JSON": (text) => jsonEscaped(jsonEscaped(text)),
  "in a URL": encodeURIComponent,
  "in a URL, lower case": (text) => lowerEscapes(encodeURIComponent(text)),
  "in a URL, all of it": everyByte,
  "in a URL, twice": (text) => encodeURIComponent(encodeURIComponent(text)),
  "in a form": formEncoded,
  "in a form, lower case": (text) => lowerEscapes(formEncoded(text)),
  "in HTML": htmlEscaped,
  "in HTML, as numbers": (text) => [...text].map((character) => `&#${character.codePointAt(0)};`).join(""),
  "in HTML, as hexadecimal numbers": (text) =>
    [...text].map((character) => `&#x${character.codePointAt(0)?.toString(16)};`).join(""),
  "in base64": base64,
  "in base64 without padding": (text) => base64(text).replace(/=+$/, ""),
  "in base64 for URLs": urlSafe,
  "in base64 for URLs without padding": (text) => urlSafe(text).replace(/=+$/, ""),
  "in base64 in a URL": (text) => encodeURIComponent(base64(text)),
  "in base64 of JSON": (text) => base64(jsonEscaped(text)),
  "in base64 of a URL": (text) => base64(encodeURIComponent(text)),
  "in hexadecimal": hex,
  "in hexadecimal, in capitals": (text) => hex(text).toUpperCase()
}
