import { assert } from "@effect/vitest"
import type { Effect } from "effect"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import type { SeenRequest } from "../../src/testing/ScriptedHttp.ts"
import type { RunOptions, TestRun } from "../../src/testing/WorkflowTest.ts"
import * as WorkflowTest from "../../src/testing/WorkflowTest.ts"
import { read, root } from "../docs/repository.ts"

/** The names of the examples, without `.json`. */
export const exampleNames: ReadonlyArray<string> = readdirSync(join(root, "examples"))
  .flatMap((file) => file.endsWith(".json") ? [file.replace(/\.json$/, "")] : [])

/** An example as its file has it. */
export const exampleText = (name: string): string => read(`examples/${name}.json`)

/** The secrets that a definition names, in order. */
export const secretsOf = (text: string): ReadonlyArray<string> =>
  [...new Set([...text.matchAll(/secrets\.(\w+)/g)].map(([, secret = ""]) => secret))].sort()

/** A value for each secret of an example: `value-of-<name>`. */
export const secretsFor = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(secretsOf(exampleText(name)).map((secret) => [secret, `value-of-${secret}`]))

/** Runs an example; each of its secrets has the value `value-of-<name>`. */
export const runExample = (
  name: string,
  options: RunOptions
): Effect.Effect<TestRun, WorkflowTest.DefinitionRefused | WorkflowTest.RunTookTooLong> => {
  return WorkflowTest.run(JSON.parse(exampleText(name)), { secrets: secretsFor(name), ...options })
}

/** What the upstreams were asked, in order: `POST mail.example.com/mailboxes`. */
export const callsOf = ({ requests }: TestRun): ReadonlyArray<string> =>
  requests.map(({ method, url }) => `${method} ${url.replace("https://", "")}`)

/** The JSON bodies of the requests to an address, in order. */
export const bodiesTo = ({ requests }: TestRun, address: string): ReadonlyArray<unknown> =>
  requests.filter(({ url }) => url.replace("https://", "").startsWith(address)).map(bodyOf)

const bodyOf = ({ body }: SeenRequest): unknown => body === null ? null : JSON.parse(body)

/** A day in milliseconds. */
export const day = 86_400_000

/** Holds that a request was made at this time, or in the second after it. */
export const assertAt = (request: SeenRequest | undefined, time: number) => {
  const at = Date.parse(request?.at ?? "")
  assert.isAtLeast(at, time)
  assert.isBelow(at, time + 1_000)
}
