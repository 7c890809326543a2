import { deepStrictEqual } from "node:assert"
import { Agent, request } from "node:http"
import { expected } from "./upstream.mjs"

const agent = new Agent({ keepAlive: true })

const send = ({ apiKey, url }, method, path, body, headers) =>
  new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const sent = request(`${url}${path}`, {
      agent,
      method,
      headers: {
        "x-api-key": apiKey,
        ...headers,
        ...(payload === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) })
      }
    }, (response) => {
      const chunks = []
      response.on("data", (chunk) => chunks.push(chunk))
      response.on("error", reject)
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200 || response.statusCode === 201) resolve(JSON.parse(text))
        else reject(new Error(`${method} ${url}${path} was answered ${response.statusCode}: ${text.slice(0, 500)}`))
      })
    })
    sent.setTimeout(30_000, () => sent.destroy(new Error(`${method} ${url}${path} was not answered in 30 s`)))
    sent.on("error", reject)
    sent.end(payload)
  })

/** The calls that are measured at a service, each ready to be made again and again. */
export const scenariosOf = async (service, items) => {
  const workflow = service.workflow(items)
  const { id } = service.created(await send(service, "POST", "/api/workflows", workflow))
  const start = () => send(service, "POST", "/api/executions", { workflowId: id }, service.executeHeaders)
  deepStrictEqual(service.outputs(service.created(await start())), expected, `${service.name} does another job`)
  return {
    health: () => send(service, "GET", "/health"),
    get: () => send(service, "GET", `/api/workflows/${id}`),
    list: () => send(service, "GET", "/api/workflows?tenantId=bench&limit=20"),
    create: () => send(service, "POST", "/api/workflows", workflow),
    execute: async () => {
      const { status } = service.created(await start())
      if (status !== "completed") throw new Error(`${service.name}: an execution is ${status}`)
    }
  }
}
