import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as WorkflowTest from "../../src/testing/WorkflowTest.ts"
import { internal } from "../domain/InternalAddresses.ts"

const addresses = Object.values(internal).flat()

/** A step type that calls somebody, and what its configuration needs besides the address. */
interface Caller {
  readonly type: string
  readonly config: object
}

const callers: ReadonlyArray<Caller> = [
  { type: "http-request", config: {} },
  { type: "mcp-tool", config: { tool: "t", auth: { type: "bearer", token: "t" } } }
]

/** Calls one address after the other, and answers what each call failed with; a call that reached somebody has no error. */
const callEach = (
  { config, type }: Caller,
  url: string,
  respond: (path: string) => { status: number; headers: Record<string, string> }
) =>
  Effect.map(
    WorkflowTest.run({
      steps: [{
        id: "loop",
        type: "for-each",
        order: 1,
        config: {
          continueOnError: true,
          items: "inputs.addresses",
          steps: [{ id: "call", type, order: 1, config: { url, ...config } }]
        }
      }]
    }, {
      inputs: { addresses },
      http: [{ url: /.*/, respond: (request) => respond(new URL(request.url).pathname) }]
    }),
    (run) => ({
      status: run.status,
      codes: addresses.map((_, index) => run.steps.find(({ path }) => path === `loop[${index}].call`)?.error?.code),
      hosts: run.requests.map(({ url }) => new URL(url).host)
    })
  )

/** As it may stand in a header. */
const inAscii = (address: string) => address.replace(/[^\x20-\x7e]+/g, encodeURIComponent)

const valid = (address: string) => URL.canParse(address)

describe(`${addresses.length} internal addresses`, () => {
  it("are at least 40 spellings", () => assert.isAtLeast(new Set(addresses.filter(valid)).size, 40))

  for (const caller of callers) {
    it.effect(`are refused to ${caller.type}, and none of them is called`, () =>
      Effect.gen(function*() {
        const { codes, hosts, status } = yield* callEach(caller, "{{ item }}", () => ({ status: 200, headers: {} }))
        assert.strictEqual(status, "completed")
        assert.deepStrictEqual(hosts, [])
        assert.deepStrictEqual(
          addresses.map((address, index) => [address, codes[index]]),
          addresses.map((address) => [address, valid(address) ? "blocked-address" : "invalid-config"])
        )
      }))

    it.effect(`are refused to a redirect of ${caller.type}, and none of them is called`, () =>
      Effect.gen(function*() {
        const { codes, hosts, status } = yield* callEach(caller, "https://public.example.com/{{ index }}", (path) => ({
          status: 307,
          headers: { location: inAscii(addresses[Number(path.slice(1))] ?? "") }
        }))
        assert.strictEqual(status, "completed")
        assert.deepStrictEqual(hosts, addresses.map(() => "public.example.com"))
        assert.deepStrictEqual(
          addresses.map((address, index) => [address, codes[index]]),
          addresses.map((address) => [address, valid(address) ? "blocked-address" : "http-3xx"])
        )
      }))
  }
})
