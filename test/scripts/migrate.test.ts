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

/** Neither asks the internet for anything nor leaves anything behind. */
const quiet = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_REGISTRY_PATH: join(directory, "registry"),
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_WRITE_LOGS: "false"
}

/** Runs scripts/migrate.mjs in the copy; gives its exit code and what it said. */
const migrate = () =>
  new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
    const child = execFile(
      join(root, "node_modules", ".bin", "node"),
      ["--no-warnings", join("scripts", "migrate.mjs"), state],
      { cwd: directory, env: { ...process.env, ...quiet } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? 1, output: stdout + stderr })
    )
  })

const databaseFile = () => {
  const databases = join(state, "v3", "d1", "miniflare-D1DatabaseObject")
  const found = readdirSync(databases).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
  return join(databases, found ?? "")
}

const query = (statement: string) => {
  const database = new DatabaseSync(databaseFile(), { readOnly: true })
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

  test("is the only store that is touched", () => {
    expect(readdirSync(join(state, "v3")).filter((name) => name !== "cache")).toEqual(["d1"])
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

  test("is named when it can't be read", async () => {
    const file = databaseFile()
    for (const suffix of ["", "-shm", "-wal"]) rmSync(file + suffix, { force: true })
    writeFileSync(file, "This is no database. ".repeat(1_000))
    const { code, output } = await migrate()
    expect(code).toBe(1)
    expect(output).toContain(`The database ${file} can't be used: `)
    expect(output).toContain(`Move ${state} away to begin anew.`)
  })
})
