// `node scripts/migrate.mjs STATE_DIR`: brings the database of this machine to the newest migration. It keeps wrangler's
// record of what has been applied; wrangler itself would start the runtime anew for each migration.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { root } from "./tools.mjs"

const stateDir = resolve(root, process.argv[2] ?? join(".wrangler", "state"))
const files = join(root, "migrations")
const names = readdirSync(files).filter((name) => name.endsWith(".sql"))

const fail = (message) => {
  console.error(message)
  process.exit(1)
}

/** Where the runtime keeps the database; undefined: nowhere yet, or in a way that isn't known here. */
const databaseFile = () => {
  const directory = join(stateDir, "v3", "d1", "miniflare-D1DatabaseObject")
  if (!existsSync(directory)) return undefined
  const found = readdirSync(directory).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
  return found.length === 1 ? join(directory, found[0]) : undefined
}

/** Asks the file, which takes a moment; to start the runtime takes seconds. */
const isMigrated = (file) => {
  let database
  try {
    database = new DatabaseSync(file, { readOnly: true })
    const applied = new Set(database.prepare("SELECT name FROM d1_migrations").all().map(({ name }) => name))
    return names.every((name) => applied.has(name))
  } catch {
    return false // the runtime tries, and says what is wrong
  } finally {
    database?.close()
  }
}

/** The database alone in its runtime: the objects of the state are none of its business, nor are their alarms. */
const openDatabase = async () => {
  const { getPlatformProxy, unstable_readConfig } = await import("wrangler")
  const { compatibility_date, d1_databases, name } = unstable_readConfig({ config: join(root, "wrangler.toml") })
  const directory = mkdtempSync(join(tmpdir(), "orchestrator-migrate-"))
  const configPath = join(directory, "wrangler.json")
  try {
    writeFileSync(configPath, JSON.stringify({ name, compatibility_date, d1_databases }))
    return await getPlatformProxy({ configPath, persist: { path: join(stateDir, "v3") } })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** The migrations that the database had; it gets the table for them, if it has none. */
const appliedTo = async (database) => {
  await database.prepare(
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, " +
      "applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)"
  ).run()
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all()
  return new Set(results.map(({ name }) => name))
}

const migrate = async (file) => {
  const { dispose, env: { DB: database } } = await openDatabase()
  const applied = await appliedTo(database).catch(({ message }) =>
    fail(`The database ${file ?? `in ${stateDir}`} can't be used: ${message}\nMove ${stateDir} away to begin anew.`)
  )
  const { readD1Migrations } = await import("@cloudflare/vitest-plugin")
  for (const { name, queries } of await readD1Migrations(files)) {
    if (applied.has(name)) continue
    const record = database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name)
    const statements = [...queries.map((query) => database.prepare(query)), record] // all of them, or none
    await database.batch(statements).catch(({ message }) =>
      fail(`Nothing of migrations/${name} was applied: ${message}`)
    )
  }
  await dispose()
}

const file = databaseFile()
if (file === undefined || !isMigrated(file)) {
  await migrate(file).catch(({ message }) => fail(`The database could not be migrated: ${message}`))
}
