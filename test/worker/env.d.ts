import type { D1Migration } from "@cloudflare/vitest-plugin"

declare global {
  namespace Cloudflare {
    interface Env {
      /** Bound by vitest.config.ts. */
      readonly TEST_MIGRATIONS: Array<D1Migration>
    }
  }
}
