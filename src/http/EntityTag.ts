/** A workflow's version as an entity tag. */
export const entityTag = (version: number): string => `"${version}"`

const tags = (header: string): ReadonlyArray<string> => header.match(/(?:W\/)?"[^"]*"/g) ?? []

/** Which versions `If-Match` names; null: any. A weak tag never matches. */
export const matchedVersions = (header: string): ReadonlyArray<number> | null =>
  header === "*"
    ? null
    : tags(header).flatMap((tag) => /^"[1-9]\d{0,14}"$/.test(tag) ? [Number(tag.slice(1, -1))] : [])

/** Whether the caller of `If-None-Match` has this version already. */
export const hasVersion = (header: string | undefined, version: number): boolean => hasTag(header, entityTag(version))

/** Whether the caller of `If-None-Match` has what this tag stands for. A weak tag is as good as a strong one here. */
export const hasTag = (header: string | undefined, tag: string): boolean =>
  header === "*" || tags(header ?? "").some((known) => known.replace(/^W\//, "") === tag)
