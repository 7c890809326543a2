import type { ExecutionId } from "../../domain/Ids.ts"

/** Where an execution runs: an object that has a name, or one of its own that has only an id. */
export type Placement = { readonly _tag: "Named"; readonly name: string } | {
  readonly _tag: "Own"
  readonly id: string
}

/** The object, of `count`, on which an execution is put when they are shared. */
export const sharedName = (id: ExecutionId, count: number): string => `shared-${hash(id) % count}`

/** The text that is stored with the execution. */
export const encode = (placement: Placement): string =>
  placement._tag === "Named" ? `name:${placement.name}` : `id:${placement.id}`

/** Reads what `encode` made. */
export const decode = (text: string): Placement =>
  text.startsWith("id:")
    ? { _tag: "Own", id: text.slice("id:".length) }
    : { _tag: "Named", name: text.slice("name:".length) }

/** FNV-1a, 32 bits (draft-eastlake-fnv-17). */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}
