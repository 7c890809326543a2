import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin"
import { readFile } from "node:fs/promises"
import { defineConfig } from "vitest/config"
import { unstable_readConfig } from "wrangler"

/** No test measures time: a slow machine must not fail one. */
const testTimeout = 60_000

/** As wrangler does by its rules: a document is its text. */
const documents = {
  name: "documents",
  transform: (code: string, id: string) => id.endsWith(".md") ? `export default ${JSON.stringify(code)}` : undefined
}

/**
 * Packages without their source maps. Before a further file of tests the runner gets every module that is known by then in one
 * message, and the runtime takes none of more than 32 MiB: the maps alone would be more.
 */
const packagesWithoutMaps = {
  name: "packages-without-maps",
  load: async (id: string) => {
    const [file = ""] = id.split("?", 1)
    return /\/node_modules\/.*\.m?js$/.test(file)
      ? { code: (await readFile(file, "utf8")).replace(/^\/\/# sourceMappingURL=.*$/gm, ""), map: { mappings: "" } }
      : undefined
  }
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    coverage: {
      provider: "istanbul",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
      thresholds: { lines: 90 }
    },
    projects: [
      {
        plugins: [documents],
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          testTimeout,
          exclude: ["test/**/*.worker.test.ts", "test/e2e/**"]
        }
      },
      {
        plugins: [
          packagesWithoutMaps,
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              // Every variable is set here, whatever a .dev.vars says.
              bindings: {
                ...unstable_readConfig({ config: "./wrangler.toml" }).vars,
                TEST_MIGRATIONS: await readD1Migrations("./migrations"),
                API_ALLOWED_KEYS: "operator-key,tenant-a:key-a,tenant-b:key-b",
                OUTBOUND_ALLOW_HOSTS: "localhost,127.0.0.1",
                SECRETS_KEY: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                SECRETS_KEY_PREVIOUS: "",
                RATE_LIMIT_MAX_REQUESTS: "1000000",
                EXECUTION_OBJECTS: "",
                MCP_ALLOWED_HOSTS: ""
              }
            }
          }))
        ],
        test: {
          name: "workers",
          include: ["test/**/*.worker.test.ts"],
          testTimeout,
          setupFiles: ["./test/worker/setup.ts"]
        }
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          // After the others. Each file has services, ports and folders of its own.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000
        }
      }
    ]
  }
})
