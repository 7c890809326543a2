import { execFile } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { Service } from "./Service.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))

/** Neither asks the internet for anything nor leaves anything behind. */
const quiet = {
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_WRITE_LOGS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false"
}

/** Runs a statement on the database of a running service, for what no call of its API can make. */
export const execute = async ({ state }: Service, statement: string): Promise<void> => {
  const wrangler = join("node_modules", "wrangler", "bin", "wrangler.js")
  const args = [wrangler, "d1", "execute", "DB", "--local", "--persist-to", state, "--command", statement]
  const { NODE_ENV: _, ...env } = process.env
  await promisify(execFile)(process.execPath, args, { cwd: root, env: { ...env, ...quiet } })
}
