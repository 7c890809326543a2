import { Context, Effect, Layer, Option } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import type { Workflow } from "../domain/Workflow.ts"
import type { ToolPlace } from "../domain/WorkflowTool.ts"
import { distinctName } from "../domain/WorkflowTool.ts"
import type { WorkflowTool } from "./WorkflowToolRepository.ts"
import { WorkflowToolRepository } from "./WorkflowToolRepository.ts"

/** A tool under the name that it is known by, and its place in the list. */
export interface NamedTool extends WorkflowTool {
  readonly place: ToolPlace
}

/** The workflows that are tools, under the names that a key knows them by. */
export class WorkflowTools extends Context.Service<WorkflowTools, {
  /**
   * By name. Of several with one name the oldest bears it, unless it is `taken`; the others are told apart by their ids.
   * To a key of every tenant all of them are: none may come to stand for a tool of another tenant.
   */
  readonly list: (
    principal: Principal,
    page: { readonly limit: number; readonly after?: ToolPlace | undefined },
    taken: ReadonlySet<string>
  ) => Effect.Effect<Page<NamedTool>, StorageError>
  /** The workflow that such a name stands for. */
  readonly find: (
    principal: Principal,
    name: string
  ) => Effect.Effect<Option.Option<Workflow>, StorageError>
}>()("atlasit/services/WorkflowTools") {
  static readonly layer = Layer.effect(
    WorkflowTools,
    Effect.gen(function*() {
      const repository = yield* WorkflowToolRepository

      const list: WorkflowTools["Service"]["list"] = Effect.fn("WorkflowTools.list")(
        function*(principal, page, taken) {
          const found = yield* repository.list(principal, page)
          let before = page.after?.tool
          const items = found.items.map((item): NamedTool => {
            const isFirst = principal.tenantId !== null && item.tool !== before && !taken.has(item.tool)
            before = item.tool
            return { ...item, place: item, tool: isFirst ? item.tool : distinctName(item.tool, item.id) }
          })
          return { items, nextCursor: found.nextCursor }
        }
      )

      const find = Effect.fn("WorkflowTools.find")(function*(principal: Principal, name: string) {
        return /^[A-Za-z0-9_-]{1,40}$/.test(name) ? yield* repository.find(principal, name) : Option.none<Workflow>()
      })

      return WorkflowTools.of({ list, find })
    })
  )
}
