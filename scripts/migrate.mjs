// `node scripts/migrate.mjs STATE_DIR`: brings the database of this machine to the newest migration. It keeps wrangler's
// record of what has been applied; wrangler itself would start the runtime anew for each migration.
import { existsSync, readdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { root } from "./tools.mjs"

const stateDir = resolve(root, process.argv[2] ?? join(".wrangler", "state"))
const files = join(root, "migrations")
const names = readdirSync(files).filter((name) => name.endsWith(".sql"))

/** Where the runtime keeps the database; undefined: nowhere yet, or in a way that isn't known here. */
const databaseFile = () => {
  const directory = join(stateDir, "v3", "d1", "miniflare-D1DatabaseObject")
  if (!existsSync(directory)) return undefined
  const found = readdirSync(directory).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
  return found.length === 1 ? join(directory, found[0]) : undefined
}

/** Asks the file, which takes a moment; to start the runtime takes seconds. */
const isMigrated = () => {
  const file = databaseFile()
  if (file === undefined) return false
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const applied = new Set(database.prepare("SELECT name FROM d1_migrations").all().map(({ name }) => name))
    return names.every((name) => applied.has(name))
  } catch {
    return false // the runtime will say what is wrong with it
  } finally {
    database.close()
  }
}

const migrate = async () => {
  const [{ readD1Migrations }, { getPlatformProxy }] = await Promise.all([
    import("@cloudflare/vitest-plugin"),
    import("wrangler")
  ])
  const { dispose, env: { DB } } = await getPlatformProxy({ persist: { path: join(stateDir, "v3") } })
  await DB.prepare(
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, " +
      "applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)"
  ).run()
  const { results } = await DB.prepare("SELECT name FROM d1_migrations").all()
  const applied = new Set(results.map(({ name }) => name))
  for (const { name, queries } of await readD1Migrations(files)) {
    if (applied.has(name)) continue
    const record = DB.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name)
    await DB.batch([...queries.map((query) => DB.prepare(query)), record]).catch(({ message }) => {
      console.error(`Nothing of migrations/${name} was applied: ${message}`)
      process.exit(1)
    })
  }
  await dispose()
}

if (!isMigrated()) await migrate()
