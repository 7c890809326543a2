import type { Json, JsonObject } from "effect/Schema"
import { upstreamUrl } from "../worker/Upstream.ts"

/** A definition, what it is given, and what must come of it. */
export interface Case {
  readonly title: string
  readonly steps: ReadonlyArray<Json>
  readonly inputSchema?: JsonObject
  readonly outputs?: JsonObject
  readonly settings?: JsonObject
  readonly inputs?: JsonObject
  /** What the upstream answers, by path: one answer for all, or one after the other and the last again and again. */
  readonly http?: Readonly<Record<string, Reply | readonly [Reply, ...ReadonlyArray<Reply>]>>
  readonly secrets?: Readonly<Record<string, string>>
  /** Sent one after the other once the execution was started. */
  readonly signals?: ReadonlyArray<SentSignal>
  readonly expected: Ended | Refused
}

/** An upstream's answer: JSON, a text, or what it was asked. 200 by default. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: Json
  readonly text?: string
  /** Answers the request's method, address, body, and these of its headers. */
  readonly echo?: ReadonlyArray<string>
  /** No answer comes, or the connection breaks. */
  readonly lost?: "never" | "broken"
}

/** A signal, and the step that must wait before it is sent; at once without it. */
export interface SentSignal {
  readonly name: string
  readonly payload?: Json
  readonly onceWaits?: string
}

/** An execution that ended. `steps`: how each step ended, by path, and how often it was tried if more than once. */
export interface Ended {
  readonly status: "completed" | "failed"
  readonly outputs: JsonObject | null
  readonly error: JsonObject | null
  readonly steps: Readonly<Record<string, string>>
  /** What the upstream was asked, sorted. */
  readonly requests?: ReadonlyArray<string>
}

/** A definition, or inputs, that the service refuses. */
export interface Refused {
  readonly refused: string
  readonly issues: ReadonlyArray<string>
}

/** Each of these steps completed at the first attempt. */
export const done = (...paths: ReadonlyArray<string>): Readonly<Record<string, string>> =>
  Object.fromEntries(paths.map((path) => [path, "completed"]))

export const ends = (outputs: JsonObject, steps: Ended["steps"], requests?: Ended["requests"]): Ended => ({
  status: "completed",
  outputs,
  error: null,
  steps,
  ...(requests === undefined ? {} : { requests })
})

export const fails = (error: JsonObject, steps: Ended["steps"], requests?: Ended["requests"]): Ended => ({
  status: "failed",
  outputs: null,
  error,
  steps,
  ...(requests === undefined ? {} : { requests })
})

export const refuses = (refused: string, ...issues: ReadonlyArray<string>): Refused => ({
  refused,
  issues: issues.toSorted()
})

/** An expression that failed in the only step, `a`. */
export const expressionFails = (code: string, message: string, position?: number): Ended =>
  fails(
    { code: "expression", message, stepId: "a", details: { code, ...(position === undefined ? {} : { position }) } },
    { a: "failed" }
  )

const step = (type: string) => (id: string, order: number, config: Json) => ({ id, type, order, config })

export const transform = step("transform")
export const condition = step("condition")
export const forEach = step("for-each")
export const delay = step("delay")
export const waitFor = step("wait-for-event")
export const fail = step("fail")

/** A step whose output is an expression's value. */
export const give = (id: string, order: number, expression: string, more: JsonObject = {}) =>
  transform(id, order, { operation: "expression", expression, ...more })

/** The request of a step that called the upstream, as its error's details tell it. */
export const asked = (path: string, method = "GET") => ({ request: { method, url: `${upstreamUrl}${path}` } })

/** A step that calls the upstream. */
export const http = (id: string, order: number, path: string, more: JsonObject = {}) =>
  step("http-request")(id, order, { url: `${upstreamUrl}${path}`, ...more })
