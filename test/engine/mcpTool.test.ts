import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect } from "effect"
import type { ExecutionId } from "../../src/domain/Ids.ts"
import { loadClient } from "../../src/engine/steps/McpTool.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { SeenRequests } from "../../src/testing/ScriptedHttp.ts"
import { Host, journalEntry, pass, settle, surviving } from "./process.ts"
import { toolCalls, toolServer } from "./steps/ScriptedTools.ts"

const url = "https://mcp.example.com/mcp"
const ticket = { id: "ticket", type: "mcp-tool", order: 1, timeout: "1h", config: { url, tool: "create_ticket" } }
const hold = { id: "hold", type: "wait-for-event", order: 2, config: { signal: "go" } }

/** Numbers its tickets, so that a second call is seen in the output; each takes ten seconds. */
const tickets = () => {
  let made = 0
  return toolServer(url, () => ({ gives: { number: ++made }, delay: "10 seconds" }))
}

/** The keys with which the tool was called, in order. */
const keys = Effect.map(
  SeenRequests.use(({ all }) => all),
  (requests) => toolCalls(requests, url).map(({ key }) => key)
)

/** Lets the client of MCP, which does not live in virtual time, call the tool so often. */
const untilCalled = (times: number) =>
  Effect.andThen(settle, keys).pipe(Effect.repeat({ until: (seen) => seen.length === times }))

/** Lets time pass until the step after the call waits. */
const untilHeld = (host: Host, id: ExecutionId) =>
  Effect.andThen(pass("1 second"), host.statuses(id)).pipe(Effect.repeat({ until: ({ hold }) => hold === "waiting" }))

/** The run goes on to its end with this ticket; the step was recorded once, at its first attempt. */
const endsWith = Effect.fnUntraced(function*(host: Host, id: ExecutionId, number: number) {
  const { records } = yield* journalEntry(id)
  assert.deepStrictEqual(records.map(({ path, step }) => [path, step.status]), [["ticket", "completed"]])
  yield* host.signal(id, "go")
  const { status, steps } = yield* host.end(id)
  assert.deepStrictEqual([status, steps[0]?.attempts, steps[0]?.output], ["completed", 1, { number }])
})

type Layers = Layer.Success<ReturnType<typeof surviving>>

const test = (title: string, body: (host: Host) => Effect.Effect<void, unknown, Layers>) =>
  it.effect(title, () =>
    Effect.flatMap(Effect.andThen(loadClient, Host.make), body).pipe(
      Effect.provide(surviving([tickets()])),
      Effect.scoped
    ))

describe("a crash", () => {
  test("after a tool's answer is recorded: the tool is not called again", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [ticket, hold] })
      yield* untilHeld(host, id)
      yield* host.restart
      yield* untilHeld(host, id)
      yield* endsWith(host, id, 1)
      assert.deepStrictEqual(yield* keys, [`${id}:ticket`])
    }))

  test("while the tool works: it is called again, with the same key", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [ticket, hold] })
      yield* untilCalled(1)
      yield* host.restart
      yield* untilCalled(2)
      yield* untilHeld(host, id)
      yield* endsWith(host, id, 2)
      assert.deepStrictEqual(yield* keys, [`${id}:ticket`, `${id}:ticket`])
    }))

  test("after the tool's answer, before it is recorded: it is called again, with the same key", (host) =>
    Effect.gen(function*() {
      yield* Faults.use(({ failNext }) => failNext("journal.record"))
      const id = yield* host.start({ steps: [ticket, hold] })
      yield* untilHeld(host, id)
      assert.include(yield* host.messages(id), "Execution taken up again")
      yield* endsWith(host, id, 2)
      assert.deepStrictEqual(yield* keys, [`${id}:ticket`, `${id}:ticket`])
    }))
})
