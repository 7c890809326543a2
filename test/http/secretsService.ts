import { Effect, Layer } from "effect"
import * as Memory from "../../src/layers/Memory.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { configOf } from "../contract/Config.ts"
import { serve, tenantKey } from "./harness.ts"

const secretsKey = Buffer.alloc(32, 7).toString("base64")
export const value = "s3cr3t-v\u00e4lue/+?"

/** A running service that keeps secrets in memory, and what it was asked for with a tenant's key. */
export const start = async (variables: Record<string, string> = { SECRETS_KEY: secretsKey }) => {
  const layer = Secrets.layer.pipe(Layer.provide(Memory.layer), Layer.provide(configOf(variables)))
  const service = serve({ secrets: await Effect.runPromise(Effect.provide(Secrets, layer)) })
  const call = (method: string, path: string, body?: unknown, key = tenantKey) =>
    service.fetch(`/api/secrets${path}`, {
      method,
      key,
      ...(body === undefined ? {} : {
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body)
      })
    })
  return { ...service, call }
}
