import { expect, it } from "vitest"
import { serveFixtures } from "./conformance/FixtureService.ts"
import { runSuite } from "./conformance/Suite.ts"

it.each([
  { revision: "2026-07-28", sessions: false, scenarios: 39 },
  { revision: "2025-11-25", sessions: true, scenarios: 33 }
])("no check of the official suite fails for $revision", async ({ revision, scenarios, sessions }) => {
  const server = await serveFixtures({ sessions })
  try {
    const { passed, ...verdict } = await runSuite(`${server.url}/mcp`, revision)
    expect(verdict).toEqual({ exitCode: 0, scenarios, failed: [] })
    expect(passed).toBeGreaterThan(scenarios)
  } finally {
    await server.close()
  }
})
