import { afterAll, expect, it } from "vitest"
import { mutated, oddHeader, randomOf, scrambled } from "../e2e/harness/Garbage.ts"
import { makeMemoryMcp } from "./MemoryMcp.ts"
import { call, eras, post } from "./Requests.ts"

const service = makeMemoryMcp()
afterAll(() => service.dispose())

/** Calls that are well made, to be spoiled. */
const calls = [
  ["tools/list", {}],
  ["tools/call", { name: "workflow_list", arguments: { limit: 1, name: "a" } }],
  ["tools/call", { name: "workflow_get", arguments: { workflowId: "a" } }],
  ["tools/call", { name: "workflow_validate", arguments: { definition: { name: "a", steps: [{ id: "a" }] } } }],
  ["tools/call", { name: "execution_signal", arguments: { executionId: "a", signal: "b", payload: {} } }],
  ["tools/call", { name: "execution_wait", arguments: { executionId: "a", waitSeconds: 1 } }],
  ["resources/read", { uri: "execution://a/steps/b[1].c" }],
  ["resources/templates/list", {}],
  ["prompts/get", { name: "review-workflow", arguments: { workflowId: "a" } }],
  ["completion/complete", {
    ref: { type: "ref/resource", uri: "workflow://{id}" },
    argument: { name: "id", value: "" }
  }],
  ["subscriptions/listen", { notifications: { toolsListChanged: true } }],
  ["server/discover", {}],
  ["initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a", version: "1" } }],
  ["logging/setLevel", { level: "info" }]
] as const

const rounds = 40

it.each(calls)(
  "%s with %j, spoiled in many ways, is answered, and never with an internal error",
  async (method, params) => {
    const random = randomOf(method.length * 1_000 + JSON.stringify(params).length)
    for (let round = 0; round < rounds; round++) {
      const wellMade = call(random.pick(eras), method, params)
      const text = await wellMade.text()
      const body = random.chance(0.3) ? scrambled(random, text) : JSON.stringify(mutated(random, JSON.parse(text)))
      const headers = Object.fromEntries(wellMade.headers)
      if (random.chance(0.3)) {
        headers[random.pick(["mcp-method", "mcp-name", "mcp-protocol-version"])] = oddHeader(
          random
        )
      }
      const response = await service.handle(post(body, headers))
      const answer = await response.text()
      expect(response.status, `${String(body)}: ${answer}`).toBeLessThan(500)
      expect(answer).not.toMatch(/INTERNAL-001|\.ts:\d|at \w+ \(/)
      // The handshake is the SDK's own, with its own words for wrong parameters.
      if (method !== "initialize") expect(answer).not.toContain("-32603")
    }
    expect(service.logs.filter(({ level }) => level === "ERROR")).toEqual([])
  }
)
