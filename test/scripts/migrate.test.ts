import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { root } from "../docs/repository.ts"

const directory = mkdtempSync(join(tmpdir(), "orchestrator-migrate-"))
const migrations = join(directory, "migrations")
const state = join(directory, "state")
const names = readdirSync(join(root, "migrations")).sort()
const newest = names.at(-1) ?? ""

/** Runs scripts/migrate.mjs in the copy; gives its exit code and what it said. */
const migrate = () =>
  new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
    const child = execFile(
      join(root, "node_modules", ".bin", "node"),
      ["--no-warnings", join("scripts", "migrate.mjs"), state],
      { cwd: directory, env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? 1, output: stdout + stderr })
    )
  })

const query = (statement: string) => {
  const databases = join(state, "v3", "d1", "miniflare-D1DatabaseObject")
  const file = readdirSync(databases).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite") ?? ""
  const database = new DatabaseSync(join(databases, file), { readOnly: true })
  try {
    return database.prepare(statement).all()
  } finally {
    database.close()
  }
}
const applied = () => query("SELECT name FROM d1_migrations ORDER BY id").map(({ name }) => name)

beforeAll(() => {
  mkdirSync(join(directory, "scripts"))
  for (const path of ["scripts/migrate.mjs", "scripts/tools.mjs", "wrangler.toml", "migrations"]) {
    cpSync(join(root, path), join(directory, path), { recursive: true })
  }
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"), "junction")
  renameSync(join(migrations, newest), join(directory, newest))
})
afterAll(() => rmSync(directory, { recursive: true }))

describe("the local database", () => {
  test("gets every migration at the first start, in order", async () => {
    expect((await migrate()).code).toBe(0)
    expect(applied()).toEqual(names.slice(0, -1))
  })

  test("gets what has come since at a later one", async () => {
    renameSync(join(directory, newest), join(migrations, newest))
    expect((await migrate()).code).toBe(0)
    expect(applied()).toEqual(names)
  })

  test("is only looked at when nothing has come", async () => {
    // The runtime would need the configuration, which is away.
    renameSync(join(directory, "wrangler.toml"), join(directory, "away.toml"))
    expect(await migrate()).toEqual({ code: 0, output: "" })
    renameSync(join(directory, "away.toml"), join(directory, "wrangler.toml"))
  })

  test("has nothing of a migration that fails", async () => {
    writeFileSync(join(migrations, "999_fails.sql"), "CREATE TABLE half (id TEXT);\nSELECT missing;\n")
    const { code, output } = await migrate()
    expect(code).toBe(1)
    expect(output).toContain("Nothing of migrations/999_fails.sql was applied: D1_ERROR: no such column: missing")
    expect(applied()).toEqual(names)
    expect(query("SELECT name FROM sqlite_master WHERE name = 'half'")).toEqual([])
  })
})
