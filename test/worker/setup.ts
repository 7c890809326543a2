import { applyD1Migrations } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { AsyncLocalStorage } from "node:async_hooks"

// After a mocked module vitest switches its context off, only to be faster; workerd has no such method.
AsyncLocalStorage.prototype.disable = () => {}

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
