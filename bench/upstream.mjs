import { once } from "node:events"
import { createServer } from "node:http"

/** What the job's first step fetches. */
const items = Array.from({ length: 100 }, (_, index) => ({
  id: index + 1,
  name: `item-${String((index * 37) % 100).padStart(4, "0")}`,
  status: ["active", "inactive", "pending"][index % 3],
  amount: (index * 7919) % 1000,
  region: "eu-west"
}))

/** What the job leaves of it: two fields of the active ones, by name. */
export const expected = items
  .filter(({ status }) => status === "active")
  .map(({ id, name }) => ({ id, name }))
  .sort((a, b) => a.name < b.name ? -1 : 1)

/** Serves the items on a free port of loopback; gives their address. */
export const startUpstream = async () => {
  const body = JSON.stringify(items)
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, "127.0.0.1").unref()
  await once(server, "listening")
  return `http://127.0.0.1:${server.address().port}/items`
}
