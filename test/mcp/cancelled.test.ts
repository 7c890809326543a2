import { expect, it, vi } from "vitest"
import { keys, serve } from "./harness.ts"
import { post } from "./Requests.ts"
import { askTool } from "./Wire.ts"

const legacy = { "mcp-protocol-version": "2025-11-25" }

it("a call that a client of the older revisions takes back is not answered, and the execution goes on", async () => {
  const service = serve()
  const slow = { id: "slow", type: "delay", order: 1, config: { duration: "1h" } }
  const { json } = await service.api("POST", "/api/workflows", { tenantId: "tenant-a", name: "W", steps: [slow] })
  const send = (message: object) => service.handle(post(JSON.stringify({ jsonrpc: "2.0", ...message }), legacy, keys.a))

  const response = await send({
    id: "7",
    method: "tools/call",
    params: { name: "workflow_execute", arguments: { workflowId: json.id, waitSeconds: 25 } }
  })
  expect(response.status).toBe(200)
  const text = response.text()
  await vi.waitUntil(async () => (await askTool(service, "execution_list", {})).answer.items.length > 0)
  expect((await send({ method: "notifications/cancelled", params: { requestId: "7" } })).status).toBe(202)

  expect(await text).not.toContain("jsonrpc")
  await vi.waitUntil(() => service.logs.some(({ message }) => message === "A client has given up its request"))
  expect(service.logs.filter(({ level }) => level === "ERROR")).toEqual([])
  const { answer } = await askTool(service, "execution_list", {})
  const execution = await askTool(service, "execution_get", { executionId: answer.items[0].id })
  expect(["running", "waiting"]).toContain(execution.answer.status)
})
