import type { CalledHost } from "../domain/CalledHosts.ts"
import { Limits } from "../domain/Limits.ts"
import type { ProposalDetail } from "../domain/Proposal.ts"
import { schedulesOf } from "../domain/Schedule.ts"
import type { Trigger } from "../domain/Trigger.ts"
import { webhookOf } from "../domain/Trigger.ts"
import type { Definition, Workflow } from "../domain/Workflow.ts"
import { toolTriggerOf } from "../domain/WorkflowTool.ts"
import { plain, quoted, quotedEnds } from "./Quoting.ts"
import { clipped } from "./Size.ts"

/** Steps that a question names of each kind; how many more there are is told. */
const stepsShown = 10

/** Characters of what is said of one of them. */
const stepCharacters = 500

/** Characters of a host, of which the beginning and the end are shown; and of a setting. */
const [hostCharacters, settingCharacters] = [400, 200]

/**
 * What a person is asked: what would change, in words of the service's own, the most important first. Undefined: there are
 * more hosts, secrets or triggers than a question names, and whoever says yes is to see all of them.
 */
export const changeQuestion = (proposal: ProposalDetail): string | undefined => {
  const { definition, diff, kind } = proposal
  const { newHosts, newSecrets, other, steps } = diff
  const triggers = other.includes("triggers") ? definition.triggers : []
  if ([newHosts, newSecrets, triggers].some(({ length }) => length > Limits.questionNames)) return undefined
  const touches = (member: string) => other.includes(member)
  const lines = [
    introduction(proposal),
    line("New hosts, computed by an expression when it runs", hostsOf(newHosts, true)),
    line("New hosts", hostsOf(newHosts, false)),
    line("New secrets", newSecrets.map(quoted)),
    touches("triggers") ? line("Triggers", triggers.map((trigger) => triggerWords(trigger, definition)), "none") : "",
    touches("status") ? line("Status", [definition.status]) : "",
    touches("settings") ? line("Settings", settingsOf(definition), "none") : "",
    line(kind === "create" ? "Also set" : "Also different", other.filter((member) => !told.has(member))),
    stepsLine("Steps added", steps.added.map(({ path, type }) => `${path} (${type})`)),
    stepsLine("Steps removed", steps.removed.map(({ path, type }) => `${path} (${type})`)),
    stepsLine("Steps changed", steps.changed.map(({ members, path }) => `${path}: ${members.join(", ")}`))
  ]
  return lines.filter((text) => text !== "").join("\n")
}

/** What a person is asked before a workflow is removed. */
export const removalQuestion = (workflow: Workflow): string =>
  `An agent wants to delete the workflow ${named(workflow)}. It can't be undone.`

/** Members that are told by themselves. */
const told: ReadonlySet<string> = new Set(["name", "triggers", "status", "settings"])

const introduction = ({ baseName, baseVersion, name, workflowId }: ProposalDetail): string => {
  if (baseName === null || baseVersion === null) return `An agent wants to create the workflow ${quoted(name)}.`
  const renamed = name === baseName ? "" : `, to be named ${quoted(name)}`
  return `An agent wants to change the workflow ${
    named({ id: workflowId, name: baseName, version: baseVersion })
  }${renamed}.`
}

const named = ({ id, name, version }: Pick<Workflow, "id" | "name" | "version">): string =>
  `${quoted(name)} (${id}, version ${version})`

const hostsOf = (hosts: ReadonlyArray<CalledHost>, isComputed: boolean) =>
  hosts.filter(({ dynamic }) => dynamic === isComputed).map(({ host }) => quotedEnds(host, hostCharacters))

const triggerWords = (trigger: Trigger, definition: Definition): string => {
  const webhook = webhookOf([trigger])
  if (webhook !== undefined) {
    return webhook.secret === undefined
      ? "a webhook, not signed"
      : `a webhook, signed with the secret ${quoted(webhook.secret)}`
  }
  const tool = toolTriggerOf({ ...definition, triggers: [trigger] })
  if (tool !== null) return `a tool for agents, ${quoted(tool.name)}`
  const [schedule] = schedulesOf([trigger])
  return schedule === undefined
    ? "a schedule without a time, which never fires"
    : `a schedule, ${quoted(schedule.cron)} in the time zone ${quoted(schedule.timezone)}`
}

const settingsOf = ({ settings = {} }: Definition): ReadonlyArray<string> =>
  Object.entries(settings).map(([name, value]) =>
    `${name} ${quotedEnds(typeof value === "string" ? value : JSON.stringify(value), settingCharacters)}`
  )

const line = (title: string, items: ReadonlyArray<string>, otherwise = ""): string => {
  const text = items.length === 0 ? otherwise : items.join("; ")
  return text === "" ? "" : `${title}: ${text}`
}

const stepsLine = (title: string, steps: ReadonlyArray<string>): string => {
  const shown = steps.slice(0, stepsShown).map((step) => plain(clipped(step, stepCharacters)))
  return line(title, steps.length > stepsShown ? [...shown, `and ${steps.length - stepsShown} more`] : shown)
}
