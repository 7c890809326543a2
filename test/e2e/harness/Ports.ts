import { once } from "node:events"
import type { Server } from "node:net"
import { connect, createServer } from "node:net"

/** Listens on a free port of this machine alone, and gives the port. */
export const listen = async (server: Server): Promise<number> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("The server has no port")
  return address.port
}

/**
 * Ports below those that systems give to outgoing connections: nobody gets such a one by chance. Of the files that run at
 * the same time each has its own.
 */
const ports = 1_000
const firstPort = 20_000 + (Number(process.env["VITEST_POOL_ID"] ?? 0) % 10) * ports

/** Those that were given away already. */
const given = new Set<number>()

/** A port that nobody listens on, and that stays free until it is used. */
export const freePort = async (): Promise<number> => {
  while (true) {
    const port = firstPort + Math.floor(Math.random() * ports)
    if (given.has(port)) continue
    given.add(port)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false))
      server.listen(port, "127.0.0.1", () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, "close")
    return port
  }
}

/** Whether somebody answers at a port of this machine. */
export const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "localhost")
    socket.once("error", () => resolve(false))
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
  })
