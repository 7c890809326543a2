import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { read, section, table } from "./repository.ts"

const Versions = Schema.Record(Schema.String, Schema.String)
const Manifest = Schema.Struct({ dependencies: Versions, devDependencies: Versions, overrides: Versions })
const Lockfile = Schema.Struct({
  packages: Schema.Record(Schema.String, Schema.Struct({ optionalDependencies: Schema.optionalKey(Versions) }))
})

const manifest = Schema.decodeUnknownSync(Schema.fromJsonString(Manifest))(read("package.json"))
const lockfile = Schema.decodeUnknownSync(Schema.fromJsonString(Lockfile))(read("package-lock.json"))
const page = read("docs/dependencies.md")

const told = (heading: string) =>
  Object.fromEntries(table(section(page, heading), "package", "version").map(([name, version]) => [name, version]))

describe("docs/dependencies.md", () => {
  it("has a line for each dependency of the Worker, with its version", () => {
    assert.deepStrictEqual(told("In the Worker"), manifest.dependencies)
  })

  it("has a line for each tool, with its version", () => {
    assert.deepStrictEqual(told("For development"), manifest.devDependencies)
  })

  it("has a line for each override, with its version", () => {
    assert.deepStrictEqual(told("Overrides"), manifest.overrides)
  })
})

describe("package-lock.json", () => {
  it("holds the binaries of every platform", () => {
    const names = new Set(Object.keys(lockfile.packages).map((path) => path.split("node_modules/").at(-1)))
    const missing = Object.values(lockfile.packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}).filter((name) => !names.has(name))
    )
    assert.deepStrictEqual(missing, [])
  })
})
