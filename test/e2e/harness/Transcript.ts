import type { Schema } from "effect"
import { jsonText } from "../../../scripts/JsonText.ts"
import { denseJson } from "./DenseJson.ts"
import { shortened } from "./Shortened.ts"
import type { Exchange } from "./Wire.ts"

const part = /^<!-- message: (.+) -->\n[^]*?^<!-- end -->$/gm

/** The names of the messages that a page shows. */
export const messagesOf = (page: string): ReadonlyArray<string> => [...page.matchAll(part)].map(([, name = ""]) => name)

/** A page that shows these messages. */
export const withMessages = (page: string, messages: ReadonlyMap<string, string>): string =>
  page.replace(part, (whole, name: string) => {
    const text = messages.get(name)
    return text === undefined ? whole : `<!-- message: ${name} -->\n${text}\n<!-- end -->`
  })

/** Messages as a page shows them: without what is another one each time, and what the page has shown before. */
export class Transcript {
  readonly messages = new Map<string, string>()
  private readonly seen = new Set<string>()

  /** The headers of a request, without its key. */
  addHeaders(name: string, { headers }: Exchange): void {
    const lines = headers.map(([name, value]) => `${name}: ${name === "authorization" ? "Bearer …" : value}`)
    this.messages.set(name, fenced("http", ["POST /mcp", ...lines]))
  }

  /** What a client sends, what it is told while it waits, and what is answered. */
  add(name: string, { method, notifications, params, result }: Exchange): void {
    this.messages.set(
      name,
      [
        `The agent sends \`${method}\`:`,
        fenced("json", [denseJson(this.unseen(printed(params), "params"))]),
        ...(notifications.length === 0 ? [] : [
          "Meanwhile, as `notifications/progress`:",
          fenced("json", notifications.map(({ params }) => jsonText(printed(params))))
        ]),
        ...this.answer(method, result)
      ].join("\n\n")
    )
  }

  /** An answer in full, if it is the first to this method; else of a tool's answer what it says. */
  private answer(method: string, result: Schema.JsonObject): ReadonlyArray<string> {
    const structured = this.seen.has(method) ? structuredOf(result) : undefined
    this.seen.add(method)
    if (structured !== undefined) {
      return ["The answer's `structuredContent`:", fenced("json", [denseJson(printed(structured))])]
    }
    const { _meta = {}, ...members } = withoutCopy(result)
    return [
      "The answer:",
      fenced("json", [denseJson({ ...Object(printed(members)), _meta: this.unseen(printed(_meta)) })])
    ]
  }

  /** A value in which `…` stands for what was sent before. */
  private unseen(value: Schema.Json, name = ""): Schema.Json {
    if (typeof value !== "object" || value === null) return value
    if (name === "_meta" && "progressToken" in value) return { progressToken: value["progressToken"], "…": "…" }
    const text = JSON.stringify(value)
    if (this.seen.has(text) && name !== "params" && name !== "arguments") return "…"
    if (text.length > shortText) this.seen.add(text)
    if (Array.isArray(value)) return value.map((item) => this.unseen(item))
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.unseen(member, key)]))
  }
}

/** A value is not worth a `…` up to so many characters. */
const shortText = 80

const fenced = (language: string, lines: ReadonlyArray<string>) => [`\`\`\`${language}`, ...lines, "```"].join("\n")

/** A tool's answer has its structured content as text, too. */
const withoutCopy = (result: Schema.JsonObject): Schema.JsonObject => {
  const { content, structuredContent } = result
  if (!Array.isArray(content)) return result
  const copy = JSON.stringify(structuredContent)
  return { ...result, content: content.map((block) => block.text === copy ? { ...block, text: "…" } : block) }
}

/** What a tool's answer says, if there is nothing else to show of it. */
const structuredOf = ({ content, structuredContent }: Schema.JsonObject): Schema.Json | undefined =>
  Array.isArray(content) && content.length === 1 ? structuredContent : undefined

/** A value with `…` for ids, times, durations, ports and versions, and for most of a long text. */
const printed = (value: Schema.Json, name = ""): Schema.Json => {
  if (typeof value === "string") return printedText(value, name)
  if (typeof value === "number") return name === "durationMs" && value >= 0 ? "…" : value
  if (typeof value === "boolean" || value === null) return value
  if (name === "tools" && Array.isArray(value)) return value.map(({ name }) => ({ name, "…": "…" }))
  if (Array.isArray(value)) return value.map((item) => printed(item, name))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, printed(member, key)]))
}

const longText = 5_000
const linesShown = 3

const printedText = (value: string, name: string): string => {
  if (name === "version" || shortened.get(name)?.test(value) === true) return "…"
  if (value.length <= longText) return value.replace(/\b127\.0\.0\.1:\d+/g, "127.0.0.1:…")
  const tenThousands = Math.round(value.length / 10_000)
  return `${value.split("\n").slice(0, linesShown).join("\n")} … (some ${tenThousands}0,000 characters)`
}
