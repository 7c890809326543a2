import { expect, it } from "vitest"
import { serve } from "./harness.ts"

it("a workflow's schema can't have clients send its inputs in headers too", async () => {
  const { api, connect } = serve()
  const { status } = await api("POST", "/api/workflows", {
    tenantId: "tenant-a",
    name: "Reset a password",
    steps: [{ id: "only", type: "transform", order: 1, config: { operation: "limit", count: 1 } }],
    triggers: ["mcp"],
    inputSchema: {
      type: "object",
      properties: {
        password: { type: "string", description: "The new one", "x-mcp-header": "Password" },
        options: { type: "array", items: { type: "string", "x-mcp-header": "Option" } }
      },
      required: ["password"]
    }
  })
  expect(status).toBe(201)
  const { tools } = await (await connect()).listTools()
  const tool = tools.find(({ title }) => title === "Reset a password")
  expect(tool?.inputSchema).toEqual({
    type: "object",
    properties: {
      password: { type: "string", description: "The new one" },
      options: { type: "array", items: { type: "string" } }
    },
    required: ["password"]
  })
})
