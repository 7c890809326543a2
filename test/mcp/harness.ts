import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { Effect, Layer } from "effect"
import { onTestFinished } from "vitest"
import { Catalog } from "../../src/mcp/Catalog.ts"
import * as ServiceCatalog from "../../src/mcp/ServiceCatalog.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../src/testing/ScriptedHttp.ts"
import { makeMemoryMcp, servicesOf } from "./MemoryMcp.ts"

export const keys = { operator: "operator-key", a: "key-a", b: "key-b" } as const

const variablesOfAll = { API_ALLOWED_KEYS: `${keys.operator},tenant-a:${keys.a},tenant-b:${keys.b}` }

/** What the server offers, whoever asks. */
export const catalog = () =>
  Effect.runPromise(Effect.provide(Catalog, ServiceCatalog.layer.pipe(Layer.provide(servicesOf({})))))

/** The whole service in memory, in real time, with upstreams that follow a script. */
export const serve = (
  upstreams: ReadonlyArray<ScriptedRoute> = [],
  variables: Readonly<Record<string, string>> = {}
) => {
  const { dispose, handle, logs } = makeMemoryMcp({
    variables: { ...variablesOfAll, ...variables },
    upstreams: ScriptedHttp.layer(upstreams)
  })
  onTestFinished(dispose)

  /** Calls the API with JSON. */
  const api = async (method: string, path: string, body?: unknown, key: string = keys.a) => {
    const response = await handle(
      new Request(`http://service.test${path}`, {
        method,
        headers: { "x-api-key": key, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
    )
    const text = await response.text()
    return { status: response.status, json: text === "" ? undefined : JSON.parse(text) }
  }

  /** A client of the protocol, of either era. */
  const connect = async (
    { capabilities = {}, era = "auto", key = keys.a }: {
      readonly era?: "auto" | "legacy"
      readonly key?: string
      readonly capabilities?: ConstructorParameters<typeof Client>[1] extends infer Options ? NonNullable<
          Options extends { readonly capabilities?: infer Capabilities } | undefined ? Capabilities : never
        >
        : never
    } = {}
  ) => {
    const client = new Client({ name: "test", version: "1" }, {
      capabilities,
      versionNegotiation: { mode: era }
    })
    const transport = new StreamableHTTPClientTransport(new URL("http://service.test/mcp"), {
      fetch: (input, init) => handle(new Request(input, init)),
      requestInit: { headers: { authorization: `Bearer ${key}` } }
    })
    await client.connect(transport)
    onTestFinished(() => client.close())
    return client
  }

  return { handle, api, connect, logs }
}

/** What a tool has answered: its structured content, and whether the text says the same. */
export const structured = (result: Awaited<ReturnType<Client["callTool"]>>) => {
  const [text] = result.content
  if (result.isError === true) throw new Error(text?.type === "text" ? text.text : "an error without a text")
  if (text?.type !== "text" || text.text !== JSON.stringify(result.structuredContent)) {
    throw new Error("The text does not say what the structured content says")
  }
  return Object(result.structuredContent)
}

/** What a tool has refused, as it says so. */
export const refusal = (result: Awaited<ReturnType<Client["callTool"]>>): Record<string, unknown> => {
  const [text] = result.content
  if (result.isError !== true || text?.type !== "text") throw new Error("The tool has not refused")
  return JSON.parse(text.text)
}
