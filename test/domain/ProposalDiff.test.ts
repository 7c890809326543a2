import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { StepId } from "../../src/domain/Ids.ts"
import { canonical } from "../../src/domain/Json.ts"
import { Limits } from "../../src/domain/Limits.ts"
import type { Comparable } from "../../src/domain/ProposalDiff.ts"
import { diffOf, ProposalDiff } from "../../src/domain/ProposalDiff.ts"
import { anyComparable, call, comparable } from "./Proposable.ts"

const noSecrets = (): ReadonlyArray<string> => []
const diff = (before: Comparable | null, after: Comparable) => diffOf(before, after, noSecrets)
const stepsDiff = (before: ReadonlyArray<object>, after: ReadonlyArray<object>) =>
  diff(comparable(before), comparable(after)).steps
const hostsOf = (...urls: ReadonlyArray<string>) =>
  diff(null, comparable(urls.map((url, index) => call(`s${index}`, url)))).newHosts
    .map(({ dynamic, host }) => dynamic ? `dynamic ${host}` : host)

const set = (id: string, order = 1) => ({ id, type: "transform", order, config: { operation: "set", values: {} } })
const condition = (id: string, then: ReadonlyArray<object>, more: object = {}) => ({
  id,
  type: "condition",
  order: 1,
  config: { if: "true", then, ...more }
})
const loop = (id: string, steps: ReadonlyArray<object>) => ({
  id,
  type: "for-each",
  order: 1,
  config: { items: [1], steps }
})

const nothing = { steps: { added: [], removed: [], changed: [] }, newHosts: [], newSecrets: [], other: [] }

type Tree = { readonly [name: string]: Json }

/** The paths of all steps, found without knowing the types of steps. */
const pathsOf = (steps: Json | undefined, within = ""): ReadonlyArray<string> =>
  !Array.isArray(steps) ? [] : steps.flatMap((step: Tree) => {
    const path = `${within}${String(step["id"])}`
    return [
      path,
      ...inside(step, path),
      ...("undo" in step ? [`${path}.undo`, ...inside(step["undo"], `${path}.undo`)] : [])
    ]
  })
const inside = (work: Json | undefined, path: string): ReadonlyArray<string> =>
  ["then", "else", "steps"].flatMap((name) => pathsOf(Object(Object(work).config)[name], `${path}.${name}.`))

const jsonOf = (value: Comparable): Tree => JSON.parse(JSON.stringify(value))

/** Members that a definition, a step or a configuration may lack. */
const optional = new Set([
  "name",
  "timeout",
  "retry",
  "onError",
  "undo",
  "when",
  "else",
  "auth",
  "headers",
  "body",
  "inputSchema",
  "outputs",
  "settings",
  "concurrency",
  "key"
])

/** Every value that differs in one place from this one. */
const mutationsOf = (value: Json, name = ""): ReadonlyArray<Json> => {
  if (Array.isArray(value)) {
    const items: ReadonlyArray<Json> = value
    return items.flatMap((item, index) => [
      ...mutationsOf(item).map((changed) => items.with(index, changed)),
      ...(items.length > 1 ? [items.toSpliced(index, 1)] : []),
      ...(index > 0 ? [items.with(index, items[index - 1] ?? null).with(index - 1, item)] : [])
    ])
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([member, inner]) => [
      ...mutationsOf(inner, member).map((changed) => ({ ...value, [member]: changed })),
      ...(optional.has(member)
        ? [Object.fromEntries(Object.entries(value).filter(([other]) => other !== member))]
        : [])
    ])
  }
  if (name === "type") return []
  if (typeof value === "number") return [value + 1, String(value)]
  if (typeof value === "string") return [`${value}x`, null]
  return [value !== true]
}

const isEmpty = ({ other, steps: { added, changed, removed } }: ProposalDiff) =>
  added.length + changed.length + removed.length + other.length === 0

describe("A diff", () => {
  it.prop("of equal definitions is empty, whatever the order of their members", [anyComparable], ([definition]) => {
    // SAFETY: what is read here was a definition; only its members stand in another order.
    const reordered = JSON.parse(canonical(jsonOf(definition))) as Comparable
    assert.deepStrictEqual(diff(definition, definition), nothing)
    assert.deepStrictEqual(diff(reordered, definition), nothing)
  })

  it.prop("shows any single change", [anyComparable], ([definition]) => {
    const { createdAt: _, id: __, tenantId: ___, updatedAt: ____, version: _____, ...members } = jsonOf(definition)
    for (const mutation of mutationsOf(members)) {
      if (canonical(mutation) === canonical(members)) continue
      // SAFETY: one place differs, none that tells where steps stand; the diff takes what it finds there.
      const changed = mutation as unknown as Comparable
      assert.isFalse(isEmpty(diff(definition, changed)), canonical(mutation))
      assert.isFalse(isEmpty(diff(changed, definition)), canonical(mutation))
    }
  }, { arbitrary: { runs: 20 } })

  it.prop("names exactly the steps that only one of two has", [anyComparable, anyComparable], ([before, after]) => {
    const [was, is] = [pathsOf(jsonOf(before)["steps"]), pathsOf(jsonOf(after)["steps"])]
    const { steps } = diff(before, after)
    assert.sameMembers(steps.added.map(({ path }) => path), is.filter((path) => !was.includes(path)))
    assert.sameMembers(steps.removed.map(({ path }) => path), was.filter((path) => !is.includes(path)))
    for (const { members, path } of steps.changed) {
      assert.isTrue(was.includes(path) && is.includes(path))
      assert.isNotEmpty(members)
    }
    assert.sameMembers(diff(null, after).steps.added.map(({ path }) => path), [...is])
  })

  it.prop(
    "names the host of each call that is new, at any level",
    [anyComparable, anyComparable],
    ([before, after]) => {
      const hosts = (definition: Comparable) =>
        new Set([...JSON.stringify(definition).matchAll(/"url":"https:\/\/([^/]+)\//g)].map(([, host = ""]) => host))
      const known = hosts(before)
      assert.sameMembers(
        diff(before, after).newHosts.map(({ host }) => host.replace("https://", "")),
        [...hosts(after)].filter((host) => !known.has(host))
      )
    }
  )

  it.prop("is what its schema says", [anyComparable, anyComparable], ([before, after]) => {
    Schema.decodeUnknownSync(ProposalDiff)(diff(before, after), { onExcessProperty: "error" })
  })
})

describe("The steps of a diff", () => {
  const of = (path: string, type: string) => ({
    path,
    id: StepId.make(path.replace(/\.undo$/, "").split(".").at(-1) ?? ""),
    type
  })

  it("stand by their paths, in branches, loops and undos", () => {
    const undo = { type: "condition", config: { if: "true", then: [set("back")] } }
    const after = [condition("decide", [loop("each", [set("call")])], { else: [set("call")] }), {
      ...set("book"),
      undo
    }]
    assert.deepStrictEqual(stepsDiff([set("book")], after), {
      added: [
        of("decide", "condition"),
        of("decide.then.each", "for-each"),
        of("decide.then.each.steps.call", "transform"),
        of("decide.else.call", "transform"),
        of("book.undo", "condition"),
        of("book.undo.then.back", "transform")
      ],
      removed: [],
      changed: []
    })
  })

  it("tell the members that differ, without those of the steps inside", () => {
    const before = condition("decide", [call("a", "https://example.com/", { timeout: "5s" })])
    const after = {
      ...condition("decide", [call("a", "https://example.org/", { retry: { attempts: 2 } })]),
      config: { ...before.config, if: "false", then: [call("a", "https://example.org/", { retry: { attempts: 2 } })] }
    }
    assert.deepStrictEqual(stepsDiff([before], [after]).changed, [
      { ...of("decide", "condition"), members: ["config.if"] },
      { ...of("decide.then.a", "http-request"), members: ["timeout", "config.url", "retry"] }
    ])
  })

  it("tell a type that is another, and what was inside of it as gone", () => {
    const { changed, removed } = stepsDiff([condition("a", [set("b")])], [set("a")])
    assert.deepStrictEqual(removed.map(({ path }) => path), ["a.then.b"])
    assert.sameMembers([...(changed[0]?.members ?? [])], ["type", "config.if", "config.operation", "config.values"])
  })

  it("tell an order that is another, and a place among the steps of a list", () => {
    const changed = (after: ReadonlyArray<object>) =>
      stepsDiff([set("a"), set("b"), set("c", 2)], after).changed.map(({ members, path }) => [path, ...members])
    assert.deepStrictEqual(changed([set("a"), set("b", 2), set("c", 2)]), [["b", "order"]])
    assert.deepStrictEqual(changed([set("b"), set("a"), set("c", 2)]), [["b", "position"], ["a", "position"]])
    assert.deepStrictEqual(changed([set("new"), set("a"), set("c", 2)]), [])
  })

  it("name what holds the members where these are many, long or can't stand in a path", () => {
    const config = (body: object) => ({
      ...call("a", ""),
      config: { url: "https://example.com/", method: "POST", body }
    })
    const members = (before: object, after: object) =>
      stepsDiff([config(before)], [config(after)]).changed.flatMap((step) => step.members)
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, index]))
    assert.deepStrictEqual(members({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }), ["config.body.a.c"])
    assert.deepStrictEqual(members({ a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }), ["config.body.a.b"])
    assert.lengthOf(members({}, many(Limits.changedMembers)), Limits.changedMembers)
    assert.deepStrictEqual(members({}, many(Limits.changedMembers + 1)), ["config.body"])
    assert.deepStrictEqual(members({ "a.b": 1 }, { "a.b": 2 }), ["config.body"])
    assert.deepStrictEqual(members({}, { ["x".repeat(65)]: 1 }), ["config.body"])
    assert.deepStrictEqual(members(JSON.parse("{\"__proto__\":1}"), {}), ["config.body.__proto__"])
    assert.deepStrictEqual(members({ a: [1, 2] }, { a: [2, 1] }), ["config.body.a"])
    assert.deepStrictEqual(members({ a: 1 }, { a: "1" }), ["config.body.a"])
    assert.deepStrictEqual(members({ a: null }, {}), ["config.body.a"])
  })
})

describe("The new hosts of a diff", () => {
  it("are those of every call, once, with a port that is not the scheme's own", () => {
    assert.deepStrictEqual(
      hostsOf(
        "https://a.example.com/x",
        "http://a.example.com:80/y",
        "https://A.example.com:8443/?q=https://no.example.com"
      ),
      ["a.example.com", "a.example.com:8443"]
    )
  })

  it("are none of those that the version before called, wherever it did", () => {
    const before = comparable([condition("a", [call("b", "https://known.example.com/")])])
    const undo = { type: "http-request", config: { url: "https://new.example.com/" } }
    const after = comparable([call("c", "https://known.example.com/other", { undo })])
    assert.deepStrictEqual(diff(before, after).newHosts, [{ host: "new.example.com", dynamic: false }])
    const dynamic = comparable([call("a", "https://{{ inputs.a }}/x"), call("b", "https://{{ inputs.b }}/x")])
    const known = comparable([call("a", "https://{{ inputs.a }}/y")])
    assert.deepStrictEqual(diff(known, dynamic).newHosts, [{ host: "https://{{ inputs.b }}", dynamic: true }])
  })

  it("are known where an expression can't change them any more", () => {
    assert.deepStrictEqual(hostsOf("https://a.example.com/{{ inputs.a }}"), ["a.example.com"])
    assert.deepStrictEqual(hostsOf("https://a.example.com?{{ inputs.a }}"), ["a.example.com"])
    assert.deepStrictEqual(hostsOf("https://a.example.com\\{{ inputs.a }}/"), [
      "dynamic https://a.example.com\\{{ inputs.a }}"
    ])
    assert.deepStrictEqual(hostsOf("https:///a.example.com/{{ inputs.a }}"), ["a.example.com"])
    assert.deepStrictEqual(hostsOf("https://good.example.com@evil.example.com/{{ inputs.a }}"), ["evil.example.com"])
  })

  const unknown: ReadonlyArray<readonly [url: string, told: string]> = [
    ["{{ inputs.url }}", "{{ inputs.url }}"],
    ["{{ inputs.base }}/users", "{{ inputs.base }}"],
    ["https://{{ inputs.host }}/users", "https://{{ inputs.host }}"],
    ["https://{{ inputs.a / 2 }}.example.com/x", "https://{{ inputs.a / 2 }}.example.com/x"],
    ["https://{{ '}}' & '/' }}/x", "https://{{ '}}' & '/' }}/x"],
    ["https://a.example.com{{ inputs.path }}", "https://a.example.com{{ inputs.path }}"],
    ["https://a.example.com:{{ inputs.port }}/x", "https://a.example.com:{{ inputs.port }}"],
    ["https://a.example.com@{{ inputs.host }}/x", "https://a.example.com@{{ inputs.host }}"],
    ["https:///a.example.com{{ inputs.a }}/x", "https:///a.example.com{{ inputs.a }}"],
    ["https://\t/a{{ inputs.a }}", "https://\t/a{{ inputs.a }}"],
    ["https://[::1{{ inputs.a }}]/", "https://[::1{{ inputs.a }}]"],
    ["ht{{ inputs.a }}tp://a.example.com/", "ht{{ inputs.a }}tp:"]
  ]
  for (const [url, told] of unknown) {
    it(`are dynamic in ${JSON.stringify(url)}`, () => {
      assert.deepStrictEqual(hostsOf(url), [`dynamic ${told}`])
    })
  }

  it("are found in time, whatever is written", () => {
    for (const part of ["\\{{", "{{}}", "/", "{{ 1 }}/"]) {
      assert.lengthOf(hostsOf(`{{ inputs.a }}${part.repeat(300_000)}`), 1)
    }
  })
})

describe("The rest of a diff", () => {
  it("is the names of the other members that differ", () => {
    const steps = [set("a")]
    const full = {
      description: "D",
      triggers: ["webhook"],
      inputSchema: { type: "object" },
      outputs: { a: "1" },
      settings: { timeout: "1h" },
      status: "inactive"
    }
    const all = Object.keys(full)
    for (const [member, value] of Object.entries(full)) {
      assert.deepStrictEqual(diff(comparable(steps), comparable(steps, { [member]: value })).other, [member])
      assert.deepStrictEqual(diff(comparable(steps, { [member]: value }), comparable(steps)).other, [member])
    }
    assert.deepStrictEqual(diff(comparable(steps), comparable(steps, { name: "Other" })).other, ["name"])
    assert.deepStrictEqual(diff(null, comparable(steps, full)).other, ["name", ...all])
    assert.deepStrictEqual(diff(null, comparable(steps)).other, ["name", "status"])
  })

  it("is the secrets that are new, sorted and once", () => {
    const steps = [set("a")]
    const secretsOf = ({ name }: Comparable) => name.split(" ")
    const of = (before: Comparable | null, name: string) =>
      diffOf(before, comparable(steps, { name }), secretsOf).newSecrets
    assert.deepStrictEqual(of(comparable(steps, { name: "A B" }), "B D C D"), ["C", "D"])
    assert.deepStrictEqual(of(null, "B A"), ["A", "B"])
  })
})
