/** Something that is bound to the service was asked for something. */
export interface Call {
  /** Who asked: the Worker, an execution object, or a lease object. */
  readonly by: "worker" | "object" | "leases"
  readonly of: "d1" | "kv" | "execution" | "lease" | "row" | "sql" | "alarm"
  /** The method, and what it was about: a key, an object's method. */
  readonly what: string
}

/** A call that fails: before it was carried out, or after it with its answer lost. */
export type Fault = "before" | "after"

const calls: Array<Call> = []
let faultOf: (call: Call) => Fault | undefined = () => undefined

/** What a store says when it fails: nothing of it may reach a client. */
export const faultMessage = "D1_ERROR: SELECT secret FROM keys"

/** Forgets what was asked so far. */
export const forgetCalls = (): void => {
  calls.length = 0
}

/** What was asked of the stores and objects since the last `forgetCalls`, in order. */
export const callsOf = (...of: ReadonlyArray<Call["of"]>): ReadonlyArray<string> =>
  calls.filter((call) => of.includes(call.of)).map((call) => `${call.by} ${call.of}.${call.what}`)

/** Lets the calls fail that this function picks; without one, none does. */
export const failWhere = (pick: (call: Call) => Fault | undefined = () => undefined): void => {
  faultOf = pick
}

const passing = async (call: Call, ask: () => unknown): Promise<unknown> => {
  calls.push(call)
  const fault = faultOf(call)
  if (fault === "before") throw new Error(faultMessage)
  const answer = await ask()
  if (call.of === "d1") countRows(answer)
  if (fault === "after") throw new Error(faultMessage)
  return answer
}

const databaseRows = { read: 0, written: 0 }

/** Rows that D1 has read and written, with their index entries, since they were last asked for. */
export const takeDatabaseRows = (): { readonly read: number; readonly written: number } => {
  const rows = { ...databaseRows }
  databaseRows.read = 0
  databaseRows.written = 0
  return rows
}

/** An answer, or those of a batch, tell how many rows were read and written. */
const countRows = (answer: unknown): void => {
  for (const { meta } of Array.isArray(answer) ? answer : [Object(answer)]) {
    databaseRows.read += Number(meta?.rows_read ?? 0)
    databaseRows.written += Number(meta?.rows_written ?? 0)
  }
}

/** The same object, with some of its methods replaced and the others on the original. */
const replacing = <A extends object>(original: A, replace: (name: string | symbol, method: Method) => unknown): A =>
  new Proxy(original, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== "function") return replace(name, () => member) ?? member
      const method: Method = (...args) => Reflect.apply(member, target, args)
      return replace(name, method) ?? method
    }
  })

type Method = (...args: ReadonlyArray<unknown>) => unknown

let statementsRun = 0

/** Statements that the Worker ran on the database since they were last asked for, those of a batch one by one. */
export const takeStatementsRun = (): number => {
  const run = statementsRun
  statementsRun = 0
  return run
}

const statements = new WeakMap<object, unknown>()

const watchStatement = (by: Call["by"], original: D1PreparedStatement): D1PreparedStatement => {
  const watched = replacing(original, (name, method) => {
    if (name === "bind") return (...values: Array<unknown>) => watchStatement(by, original.bind(...values))
    if (name !== "all" && name !== "raw" && name !== "run" && name !== "first") return undefined
    return (...args: Array<unknown>) => {
      if (by === "worker") statementsRun++
      return passing({ by, of: "d1", what: name }, () => method(...args))
    }
  })
  statements.set(watched, original)
  return watched
}

const watchDatabase = (by: Call["by"], db: D1Database): D1Database =>
  replacing(db, (name, method) => {
    if (name === "prepare") return (query: string) => watchStatement(by, db.prepare(query))
    if (name !== "batch" && name !== "exec") return undefined
    return (batch: ReadonlyArray<object>) => {
      if (by === "worker") statementsRun += batch.length
      return passing({ by, of: "d1", what: name }, () => method(batch.map((statement) => statements.get(statement))))
    }
  })

const watchKeyValues = (by: Call["by"], kv: KVNamespace): KVNamespace =>
  replacing(kv, (name, method) =>
    name === "get" || name === "put" || name === "delete" || name === "list"
      ? (...args: Array<unknown>) =>
        passing({ by, of: "kv", what: `${name} ${String(args[0]).split(":")[0]}` }, () => method(...args))
      : undefined)

const watchObjects = <Namespace extends object>(
  by: Call["by"],
  of: "execution" | "lease",
  namespace: Namespace
): Namespace =>
  replacing(namespace, (name, method) =>
    name === "get" || name === "getByName"
      ? (...args: Array<unknown>) => {
        const stub = method(...args)
        return replacing(
          Object(stub),
          (name, method) => (...args: Array<unknown>) => passing({ by, of, what: String(name) }, () => method(...args))
        )
      }
      : undefined)

/** The bindings, with every call on them written down. */
export const watchBindings = (by: Call["by"], env: Cloudflare.Env): Cloudflare.Env => ({
  ...env,
  DB: watchDatabase(by, env.DB),
  KV: watchKeyValues(by, env.KV),
  EXECUTIONS: watchObjects(by, "execution", env.EXECUTIONS),
  LEASES: watchObjects(by, "lease", env.LEASES)
})

let rowsWritten = 0

/** Rows that the objects have written by SQL since they were last asked for. */
export const takeRowsWritten = (): number => {
  const rows = rowsWritten
  rowsWritten = 0
  return rows
}

/** An object's storage, with its SQL and its alarm written down. */
export const watchStorage = (storage: DurableObjectStorage): DurableObjectStorage => {
  const sql = replacing(storage.sql, (name) =>
    name === "exec"
      ? (query: string, ...bindings: Array<unknown>) => {
        calls.push({ by: "object", of: "sql", what: query.trim().split(/\s+/, 3).join(" ") })
        const cursor = storage.sql.exec(query, ...bindings)
        rowsWritten += cursor.rowsWritten
        return cursor
      }
      : undefined)
  const kv = replacing(storage.kv, (name, method) =>
    name === "put" || name === "delete"
      ? (...args: Array<unknown>) => {
        calls.push({ by: "leases", of: "row", what: `${name} ${String(args[0]).split(":")[0]}` })
        return method(...args)
      }
      : undefined)
  return replacing(storage, (name, method) => {
    if (name === "sql") return sql
    if (name === "kv") return kv
    if (name !== "setAlarm" && name !== "deleteAlarm" && name !== "deleteAll") return undefined
    return (...args: Array<unknown>) => {
      calls.push({ by: "object", of: "alarm", what: name })
      return method(...args)
    }
  })
}
