import { Context, Effect, Layer } from "effect"
import { isInternalHost } from "../domain/Address.ts"
import { AppConfig } from "../services/AppConfig.ts"

/** Which addresses a tenant's steps may reach: every public one, and those that the operator allows. */
export class Outbound extends Context.Service<Outbound, {
  /** Why this address must not be reached; undefined: it may be. */
  readonly refusal: (url: URL) => string | undefined
}>()("atlasit/engine/Outbound") {
  static readonly layer = Layer.effect(
    Outbound,
    Effect.gen(function*() {
      const { outboundAllowHosts } = yield* AppConfig
      const allowed = new Set(outboundAllowHosts.map((host) => host.toLowerCase()))
      return Outbound.of({
        refusal: (url) => {
          if (url.protocol !== "http:" && url.protocol !== "https:") return `${url.protocol} addresses can't be called`
          if (url.username !== "" || url.password !== "") return "addresses with credentials can't be called"
          if (allowed.has(url.hostname) || allowed.has(`${url.hostname}:${portOf(url)}`)) return undefined
          return isInternalHost(url.hostname) ? `${url.hostname} is an internal address` : undefined
        }
      })
    })
  )
}

/** The port, also where it is the protocol's own and so not in the text. */
const portOf = (url: URL): string => url.port === "" ? url.protocol === "https:" ? "443" : "80" : url.port
