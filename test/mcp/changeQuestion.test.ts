import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { JsonObject } from "effect/Schema"
import { ProposalId, StepId, WorkflowId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { proposedOf } from "../../src/domain/Proposal.ts"
import { diffOf } from "../../src/domain/ProposalDiff.ts"
import type { Workflow } from "../../src/domain/Workflow.ts"
import { WorkflowCreate, workflowOf } from "../../src/domain/Workflow.ts"
import { changeQuestion } from "../../src/mcp/ChangeQuestion.ts"
import { quoted, quotedEnds } from "../../src/mcp/Quoting.ts"
import { at, tenantA } from "../contract/Data.ts"
import { makeProposal } from "../contract/ProposalData.ts"

const call = (id: string, url: string, config: JsonObject = {}) => ({
  id: StepId.make(id),
  type: "http-request",
  order: 1,
  config: { url, ...config }
})

const decode = Schema.decodeUnknownSync(WorkflowCreate)

const workflow = (members: object = {}, version = 1): Workflow => ({
  ...workflowOf(
    WorkflowId.make("id-1"),
    decode({ tenantId: tenantA, name: "n2", steps: [call("a", "https://a.example.com/")], ...members }),
    at(0)
  ),
  version
})

const questionOf = (before: Workflow | null, after: Workflow, secrets: ReadonlyArray<string> = []) =>
  changeQuestion({
    ...makeProposal("p", {
      workflowId: after.id,
      kind: before === null ? "create" : "update",
      baseVersion: before?.version ?? null,
      name: after.name,
      definition: proposedOf(after)
    }),
    id: ProposalId.make("p"),
    baseName: before?.name ?? null,
    diff: diffOf(before, after, (definition) => definition === before ? [] : secrets)
  })

const linesOf = (...given: Parameters<typeof questionOf>) => questionOf(...given)?.split("\n") ?? []

/** The question to create a workflow whose one step calls this. */
const creating = (url: string) => linesOf(null, workflow({ steps: [call("a", url)] }))

describe("the question for a change", () => {
  it("names the workflow as it is, and its new name if it gets one", () => {
    const before = workflow({}, 2)
    assert.deepStrictEqual(linesOf(before, workflow({ name: "n5" })), [
      "An agent wants to change the workflow \"n2\" (id-1, version 2), to be named \"n5\"."
    ])
    assert.deepStrictEqual(linesOf(before, workflow({ description: "New" })), [
      "An agent wants to change the workflow \"n2\" (id-1, version 2).",
      "Also different: description"
    ])
  })

  it("tells the triggers, settings and status where it touches them", () => {
    const before = workflow({ triggers: ["webhook"], settings: { timeout: "1h" } })
    const onFailure = "01234567-89ab-cdef-0123-456789abcdef"
    const settings = { timeout: "2h", concurrency: { limit: 1 }, onFailure }
    const after = workflow({
      triggers: ["webhook", { type: "schedule", cron: "0 9 * * 1-5", timezone: "Europe/Berlin" }],
      settings,
      status: "inactive"
    })
    assert.deepStrictEqual(linesOf(before, after).slice(1), [
      "Triggers: a webhook, not signed; a schedule, \"0 9 * * 1-5\" in the time zone \"Europe/Berlin\"",
      "Status: inactive",
      `Settings: timeout "2h"; concurrency "{\\"limit\\":1}"; onFailure "${onFailure}"`
    ])
    assert.deepStrictEqual(linesOf(before, workflow()).slice(1), ["Triggers: none", "Settings: none"])
    assert.deepStrictEqual(linesOf(after, { ...after, name: "n5" }).slice(1), [])
  })
})

describe("the question for a creation", () => {
  it("tells all that there is, the most important first", () => {
    const created = workflow({
      name: "Users",
      description: "Some",
      steps: [call("a", "https://a.example.com/"), call("b", "{{ inputs.url }}")],
      triggers: [
        { type: "webhook", secret: "HOOK", scheme: "github" },
        { type: "schedule", cron: "0 0 * * *" },
        "schedule",
        "mcp",
        { type: "mcp", tool: "do_it" }
      ],
      inputSchema: { type: "object" },
      outputs: { x: "1" },
      settings: { timeout: "1h" }
    })
    assert.deepStrictEqual(linesOf(null, created, ["HOOK"]), [
      "An agent wants to create the workflow \"Users\".",
      "New hosts, computed by an expression when it runs: \"{{ inputs.url }}\"",
      "New hosts: \"a.example.com\"",
      "New secrets: \"HOOK\"",
      "Triggers: a webhook, signed with the secret \"HOOK\"; a schedule, \"0 0 * * *\" in the time zone \"UTC\"; " +
      "a schedule without a time, which never fires; a tool for agents, \"users\"; a tool for agents, \"do_it\"",
      "Status: active",
      "Settings: timeout \"1h\"",
      "Also set: description; inputSchema; outputs",
      "Steps added: a (http-request); b (http-request)"
    ])
  })
})

describe("no text of others", () => {
  it("adds lines, or stands out of its quotes", () => {
    const forged = "{{ /* \"\nNew hosts: \"api.example.com\"\u2028\u2029\u0085\r */ \"https://evil.example\" }}"
    assert.deepStrictEqual(creating(forged), [
      "An agent wants to create the workflow \"n2\".",
      "New hosts, computed by an expression when it runs: \"{{ /* \\\"\\u000aNew hosts: \\\"api.example.com\\\"" +
      "\\u2028\\u2029\\u0085\\u000d */ \\\"https://evil.example\\\" }}\"",
      "Status: active",
      "Steps added: a (http-request)"
    ])
    const named = linesOf(null, workflow({ name: "Users\".\nNew hosts: \"x\u202egpj.\u2066\u0007" }))
    assert.strictEqual(
      named[0],
      "An agent wants to create the workflow \"Users\\\".\\u000aNew hosts: \\\"x\\u202egpj.\\u2066\\u0007\"."
    )
    assert.lengthOf(named, 4)
  })

  it("turns around or hides what follows", () => {
    for (
      const hidden of [
        "\u061c",
        "\u200b",
        "\u200e",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\ufeff",
        "\u007f",
        "\u009f"
      ]
    ) {
      const code = hidden.charCodeAt(0).toString(16).padStart(4, "0")
      assert.strictEqual(quoted(`a${hidden}b`), `"a\\u${code}b"`)
    }
    assert.strictEqual(quoted("\ud800 \u{e0041}"), "\"\\ud800 \\udb40\\udc41\"")
    assert.strictEqual(quoted("Ünïcode 😀 \\u202e \""), "\"Ünïcode 😀 \\\\u202e \\\"\"")
  })

  it("cuts the end of a host off: what is left out is its middle, and how much", () => {
    const [, computed] = creating(`{{ /* ${"x".repeat(1_000)} */ "https://evil.example" }}`)
    assert.match(
      computed ?? "",
      /^New hosts, computed by an expression when it runs: "\{\{ \/\* x+" \(\d+ characters left out\) "x+/
    )
    assert.match(computed ?? "", /\\"https:\/\/evil\.example\\" \}\}"$/)
    const [, literal] = creating(`https://api.example.com.${"a.".repeat(500)}evil.example/`)
    assert.match(literal ?? "", /^New hosts: "api\.example\.com\..*evil\.example"$/)
    assert.strictEqual(quotedEnds("abcdef", 6), "\"abcdef\"")
    assert.strictEqual(quotedEnds("abcdefg", 4), "\"ab\" (3 characters left out) \"fg\"")
  })

  it("is counted instead of shown where somebody has to see it", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => index)
    const hosts = (count: number) =>
      workflow({ steps: many(count).map((index) => call(`s${index}`, `https://h${index}.example.com/`)) })
    const triggers = (count: number) =>
      workflow({ triggers: many(count).map(() => ({ type: "schedule", cron: "0 0 * * *" })) })
    const names = (count: number) => many(count).map((index) => `SECRET_${index}`)
    const most = Limits.questionNames
    assert.include(questionOf(null, hosts(most)), `"h${most - 1}.example.com"`)
    assert.include(questionOf(null, hosts(most)), "and 10 more")
    assert.isUndefined(questionOf(null, hosts(most + 1)))
    assert.include(questionOf(null, workflow(), names(most)), `"SECRET_${most - 1}"`)
    assert.isUndefined(questionOf(null, workflow(), names(most + 1)))
    assert.isDefined(questionOf(null, triggers(most)))
    assert.isUndefined(questionOf(null, triggers(most + 1)))
    assert.isDefined(questionOf(triggers(most + 1), { ...triggers(most + 1), name: "New" }), "they don't change")
  })
})
