import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { LogEntry } from "../../src/domain/LogEntry.ts"
import { encodeCursor } from "../../src/domain/Page.ts"
import { execution } from "./fixtures.ts"
import { issuePathsOf, serve } from "./harness.ts"

describe("logs", () => {
  const levels = ["debug", "info", "warn", "error"] as const
  const entry = (index: number): LogEntry => ({
    timestamp: execution.createdAt,
    level: levels[index % 4] ?? "debug",
    message: `line ${index}`
  })
  const entries = Array.from({ length: 10 }, (_, index) => entry(index))

  const pages = async (query: string) => {
    const growing = [...entries]
    const { fetch } = serve({ executions: { logs: () => Effect.succeed(growing) } })
    const found: Array<ReadonlyArray<string>> = []
    let cursor: string | null = ""
    while (cursor !== null) {
      const page: { items: ReadonlyArray<LogEntry>; nextCursor: string | null } = await (await fetch(
        `/api/executions/1/logs?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`
      )).json()
      found.push(page.items.map(({ message }) => message.slice(5)))
      cursor = page.nextCursor
      if (growing.length === 10) growing.push(entry(10), entry(11))
    }
    return found
  }

  const cases = [
    ["", [["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]]],
    ["limit=4", [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9", "10", "11"]]],
    ["limit=9", [["0", "1", "2", "3", "4", "5", "6", "7", "8"], ["9", "10", "11"]]],
    ["level=info&limit=3", [["1", "2", "3"], ["5", "6", "7"], ["9", "10", "11"]]],
    ["level=error&limit=1", [["3"], ["7"], ["11"]]],
    ["level=error", [["3", "7"]]]
  ] as const
  for (const [query, expected] of cases) {
    it(`in pages by ${JSON.stringify(query)}, while it grows`, async () => {
      assert.deepStrictEqual(await pages(query), expected.map((page) => [...page]))
    })
  }

  for (
    const query of [
      "level=trace",
      "limit=101",
      "limit=0",
      "cursor=x",
      `cursor=${encodeCursor({ createdAt: execution.createdAt, id: "1" })}`
    ]
  ) {
    it(`${query.slice(0, 20)} of a log is REQUEST-001`, async () => {
      const { fetch } = serve()
      assert.deepStrictEqual(await issuePathsOf(await fetch(`/api/executions/1/logs?${query}`), "REQUEST-001"), [
        query.slice(0, query.indexOf("="))
      ])
    })
  }
})
