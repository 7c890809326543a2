// `npm run deploy`: migrates the production database and deploys the Worker.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { ensureAssets } from "./assets.mjs"
import { ensureInstalled } from "./install.mjs"
import { root, run } from "./tools.mjs"

const placeholder = /^(database_id|id)\s*=\s*"[0-]+"/m

const must = async (tool, args) => {
  const code = await run(tool, args)
  if (code !== 0) process.exit(code)
}

ensureInstalled()
await ensureAssets()

if (placeholder.test(readFileSync(join(root, "wrangler.toml"), "utf8"))) {
  console.error(`wrangler.toml still has the local ids. Once, before the first deployment:

  npx wrangler login
  npx wrangler d1 create atlasit               its id becomes database_id in wrangler.toml
  npx wrangler kv namespace create KV          its id becomes id in wrangler.toml
  npx wrangler secret put API_ALLOWED_KEYS     the keys that may call the API, separated by commas
  npx wrangler secret put SECRETS_KEY          encrypts secrets: what \`openssl rand -base64 32\` prints

Then run \`npm run deploy\` again.`)
  process.exit(1)
}

await must("wrangler", ["d1", "migrations", "apply", "DB", "--remote"])
await must("wrangler", ["deploy"])
