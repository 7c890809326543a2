import type { WebhookScheme } from "../Trigger.ts"

type Headers = Readonly<Record<string, string | undefined>>

/** What a request says of its signature. */
export interface Claim {
  /** Seconds since 1970 when it was signed; null: the scheme does not say. */
  readonly signedAt: number | null
  /** The signatures, of which one must be right. */
  readonly signatures: ReadonlyArray<string>
  /** The id that is signed along, of Standard Webhooks alone. */
  readonly id: string
  /** What stands before the body in what is signed. */
  readonly prefix: string
}

/** Reads what the headers say of the signature; undefined: something is missing, or is not as the scheme has it. */
export const claimOf = (scheme: WebhookScheme, headers: Headers): Claim | undefined => schemes[scheme](headers)

const schemes: Record<WebhookScheme, (headers: Headers) => Claim | undefined> = {
  standard: (headers) =>
    claim({
      id: headers["webhook-id"] ?? "",
      time: headers["webhook-timestamp"],
      signatures: (headers["webhook-signature"] ?? "").split(" ").flatMap((part) => after("v1,", part)),
      prefix: (id, time) => `${id}.${time}.`
    }),
  github: (headers) => {
    const signatures = after("sha256=", headers["x-hub-signature-256"] ?? "")
    return signatures.length === 0 ? undefined : { id: "", signedAt: null, signatures, prefix: "" }
  },
  stripe: (headers) => {
    const parts = (headers["stripe-signature"] ?? "").split(",").map((part) => part.trim())
    return claim({
      id: "-",
      time: parts.flatMap((part) => after("t=", part))[0],
      signatures: parts.flatMap((part) => after("v1=", part)),
      prefix: (_, time) => `${time}.`
    })
  },
  slack: (headers) =>
    claim({
      id: "-",
      time: headers["x-slack-request-timestamp"],
      signatures: after("v0=", headers["x-slack-signature"] ?? ""),
      prefix: (_, time) => `v0:${time}:`
    })
}

const claim = ({ id, prefix, signatures, time = "" }: {
  readonly id: string
  readonly time: string | undefined
  readonly signatures: ReadonlyArray<string>
  readonly prefix: (id: string, time: string) => string
}): Claim | undefined =>
  id === "" || signatures.length === 0 || !/^\d{1,12}$/.test(time)
    ? undefined
    : { id, signedAt: Number(time), signatures, prefix: prefix(id, time) }

const after = (start: string, text: string): ReadonlyArray<string> =>
  text.startsWith(start) && text.length > start.length ? [text.slice(start.length)] : []
