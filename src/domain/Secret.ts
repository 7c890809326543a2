import { Schema } from "effect"
import { TenantId } from "./Ids.ts"
import { Limits } from "./Limits.ts"
import { Timestamp } from "./Timestamp.ts"

/** What a name that is none is told. */
export const secretNameRule = "must be 1 to 64 characters of A-Z a-z 0-9 _, of which the first is no digit"

/** What a workflow calls a secret by (`secrets.NAME`): 1 to 64 characters, a letter or `_` first, then digits too. */
export const SecretName = Schema.String
  .check(Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, { message: secretNameRule }))
  .pipe(Schema.brand("SecretName"))
export type SecretName = typeof SecretName.Type

const encoder = new TextEncoder()

const problemOf = (value: string): string | undefined => {
  if (!value.isWellFormed()) return "must be text of whole Unicode characters"
  if (value.trim().length < Limits.secretMinCharacters) {
    return `must have at least ${Limits.secretMinCharacters} characters besides white space around them`
  }
  return encoder.encode(value).length <= Limits.secretBytes
    ? undefined
    : `must have at most ${Limits.secretBytes} bytes of UTF-8`
}

/**
 * A secret's value: 4 characters to 8,192 bytes of UTF-8. A shorter one could not be told from other text, so it could
 * not be kept out of outputs and logs.
 */
export const SecretValue = Schema.String.check(Schema.makeFilter(problemOf)).annotate({
  identifier: "SecretValue",
  description: `At least ${Limits.secretMinCharacters} characters, at most ${Limits.secretBytes} bytes of UTF-8`
})

/** What can be read of a secret: all but its value. Each change makes a new `version`, from 1 on. */
export const Secret = Schema.Struct({
  name: SecretName,
  tenantId: TenantId,
  version: Schema.Int,
  createdAt: Timestamp,
  updatedAt: Timestamp
}).annotate({ identifier: "Secret", description: "All of a secret but its value" })
export type Secret = typeof Secret.Type

/** What a list shows of a secret. */
export const SecretSummary = Schema.Struct({
  name: SecretName,
  createdAt: Timestamp,
  updatedAt: Timestamp
}).annotate({ identifier: "SecretSummary" })
export type SecretSummary = typeof SecretSummary.Type

/** What a client writes to store a secret. An operator's key must name the tenant, here or in the query. */
export const SecretWrite = Schema.Struct({
  tenantId: Schema.optionalKey(TenantId),
  value: Schema.RedactedFromValue(SecretValue)
}).annotate({ identifier: "SecretWrite" })
export type SecretWrite = typeof SecretWrite.Type
