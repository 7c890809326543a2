import { Effect } from "effect"
import { beforeAll, describe, expect, it, vi } from "vitest"
import { canonical } from "../../src/domain/Json.ts"
import { loadClient } from "../../src/engine/steps/McpTool.ts"
import { keys, worker } from "../worker/Service.ts"
import { topics } from "./Definitions.ts"
import { makeMemoryService } from "./MemoryService.ts"
import { expectationOf, perform } from "./Perform.ts"

const memory = makeMemoryService()

// A line for each of thousands of requests would take longer than the requests.
for (const method of ["log", "info", "warn"] as const) vi.spyOn(console, method).mockImplementation(() => {})

// The first step would take long while the tests' tools prepare what it loads.
beforeAll(async () => void (await Effect.runPromise(loadClient)))

describe.each(Object.entries(topics))("%s, in the Worker and its objects", (_, cases) => {
  it.each(cases)("$title", async (given) => {
    const inObjects = await perform(worker, given, keys.a)
    expect(canonical(inObjects.result)).toBe(canonical(expectationOf(given)))
    const onMemory = await perform(memory, given, "key-a")
    expect(JSON.stringify(inObjects.shown)).toBe(JSON.stringify(onMemory.shown))
  })
})
