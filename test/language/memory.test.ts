import { afterAll, describe, expect, it } from "vitest"
import { canonical } from "../../src/domain/Json.ts"
import { topics } from "./Definitions.ts"
import { makeMemoryService } from "./MemoryService.ts"
import { expectationOf, perform } from "./Perform.ts"

const service = makeMemoryService()
afterAll(service.dispose)

it("the suite has at least 150 definitions, each with a title of its own", () => {
  const titles = Object.values(topics).flatMap((cases) => cases.map(({ title }) => title))
  expect(titles.length).toBeGreaterThanOrEqual(150)
  expect(new Set(titles).size).toBe(titles.length)
})

describe.each(Object.entries(topics))("%s, on memory", (_, cases) => {
  it.each(cases)("$title", async (given) => {
    const { result } = await perform(service, given, "key-a")
    expect(canonical(result)).toBe(canonical(expectationOf(given)))
  })
})
