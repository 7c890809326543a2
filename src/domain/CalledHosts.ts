import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { isObject } from "./Json.ts"
import type { Step } from "./Step.ts"
import { everyStep } from "./StepTree.ts"
import { isTemplate } from "./Template.ts"

/** Whom a step calls. */
export const CalledHost = Schema.Struct({
  host: Schema.String.annotate({
    description: "The host, with its port unless it is the scheme's own; or what is written in its place"
  }),
  dynamic: Schema.Boolean.annotate({
    description: "Whether only an execution tells the host: it comes out of an expression"
  })
}).annotate({ identifier: "CalledHost" })
export type CalledHost = typeof CalledHost.Type

/** Every host that the `url`s of steps and undos name, at every level, each once. */
export const calledHosts = (steps: ReadonlyArray<Step>): ReadonlyArray<CalledHost> => {
  const found = everyStep(steps).flatMap(({ step }) => {
    const url = urlOf(step.config)
    return url === undefined ? [] : [hostOf(url)]
  })
  return [...new Map(found.map((called) => [JSON.stringify(called), called])).values()]
}

const urlOf = (config: Step["config"]): string | undefined => {
  // SAFETY: a configuration is JSON; only the lists of steps in it have a type of their own.
  const json = config as Json
  const url = isObject(json) ? json["url"] : undefined
  return typeof url === "string" ? url : undefined
}

/** The host of a URL, or of what is written before its first expression if that holds the whole host. */
const hostOf = (url: string): CalledHost => {
  const [literal = ""] = url.split("{{", 1)
  const host = isTemplate(url) ? hostBefore(literal) : parsedHost(url)
  return host === undefined ? { host: unreadHost(url), dynamic: true } : { host, dynamic: false }
}

/** Never a host of anybody: `.invalid` is reserved. */
const probe = "host-follows.invalid"

/**
 * The host of a URL that begins so, however it goes on; undefined: what follows may change it. A host after an `@` is one
 * only where the beginning leaves room for it. The `\` of an escaped `\{{` belongs to what follows.
 */
const hostBefore = (literal: string): string | undefined => {
  const host = parsedHost(`${literal.replace(/\\$/, "")}@${probe}`)
  return host === probe ? undefined : host
}

const parsedHost = (url: string): string | undefined =>
  /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).host : undefined

/** What is written up to the first slash after the scheme; all of it where that may stand inside of an expression. */
const unreadHost = (url: string): string => {
  let index = /^https?:[\s/\\]*/i.exec(url)?.[0].length ?? 0
  let slash = slashAfter(url, index)
  for (;;) {
    const open = url.indexOf("{{", index)
    if (open < 0 || open > slash) return url.slice(0, slash)
    const close = url.indexOf("}}", open)
    // Texts, objects, patterns and comments may hold a `}}` that ends nothing.
    if (close < 0 || /[{}"'`/]/.test(url.slice(open + 2, close))) return url
    index = close + 2
    if (slash < index) slash = slashAfter(url, index)
  }
}

const slashAfter = (url: string, start: number): number => {
  const found = url.indexOf("/", start)
  return found < 0 ? url.length : found
}
