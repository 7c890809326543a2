import { expect } from "vitest"
import { Limits } from "../../src/domain/Limits.ts"
import type { serve } from "./harness.ts"
import { keys } from "./harness.ts"
import type { Era } from "./Requests.ts"
import { call } from "./Requests.ts"

type Service = Pick<ReturnType<typeof serve>, "handle">

/** What a method answers, and how many bytes of it are sent. */
export const ask = async (
  service: Service,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  { era = "modern", key = keys.a }: { readonly era?: Era; readonly key?: string } = {}
) => {
  const request = call(era, method, params)
  request.headers.set("authorization", `Bearer ${key}`)
  const text = await (await service.handle(request)).text()
  const message = JSON.parse(text.startsWith("{") ? text : text.slice(text.lastIndexOf("\ndata: ") + 7))
  return { bytes: Buffer.byteLength(text), result: Object(message.result), error: message.error }
}

/** What a tool answers, which is never larger than answers may be; the text says the same as the structure. */
export const askTool = async (
  service: Service,
  name: string,
  args: Readonly<Record<string, unknown>>,
  options?: Parameters<typeof ask>[3]
) => {
  const { bytes, error, result } = await ask(service, "tools/call", { name, arguments: args }, options)
  expect({ name, error }).toEqual({ name, error: undefined })
  expect(bytes).toBeLessThanOrEqual(Limits.toolAnswerBytes)
  const content: ReadonlyArray<Record<string, unknown>> = result.content
  const text = JSON.parse(String(content[0]?.["text"]))
  if (result.isError !== true) expect(text).toEqual(result.structuredContent)
  const links = content.filter(({ type }) => type === "resource_link").map(({ uri }) => String(uri))
  return { bytes, isError: result.isError === true, answer: text, links }
}

/** The JSON that a resource holds. */
export const readJson = async (service: Service, uri: string) => {
  const { error, result } = await ask(service, "resources/read", { uri })
  expect({ uri, error }).toEqual({ uri, error: undefined })
  return JSON.parse(result.contents[0].text)
}

/** The resources that values in an answer name in place of themselves. */
export const omittedIn = (value: unknown): ReadonlyArray<{ readonly resource: string; readonly bytes: number }> => {
  if (Array.isArray(value)) return value.flatMap(omittedIn)
  if (typeof value !== "object" || value === null) return []
  const { omittedBytes, resource } = Object(value)
  return typeof omittedBytes === "number" && typeof resource === "string"
    ? [{ resource, bytes: omittedBytes }]
    : Object.values(value).flatMap(omittedIn)
}
