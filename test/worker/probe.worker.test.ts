import { it } from "vitest"
import { call, serve, worker } from "./Service.ts"
import { callsOf } from "./Watch.ts"
it("x", async () => {
  await call(worker, "GET", "/api/executions")
  console.log("A", callsOf("d1"))
  await call(serve(), "GET", "/api/executions")
  console.log("B", callsOf("d1"))
})
