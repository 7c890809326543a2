import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))

/** The repository's folder. */
export const root = join(here, "..", "..")

/** A file of the repository, as text. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** Whether a file or folder of this name is there. */
export const exists = (path: string): boolean => existsSync(join(root, path))

/** Folders that hold nothing of the repository's own. */
const foreign = new Set(["node_modules", ".git", ".wrangler", ".assets", ".scratch", "coverage", "dist"])

/** Every Markdown file, by its path. */
export const markdownFiles = (folder = ""): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
    foreign.has(entry.name)
      ? []
      : entry.isDirectory()
      ? markdownFiles(join(folder, entry.name))
      : entry.name.endsWith(".md")
      ? [join(folder, entry.name)]
      : []
  )

/** The headings of a page, in order. */
export const headings = (markdown: string): ReadonlyArray<string> =>
  headingLines(markdown.split("\n")).map(({ text }) => text)

/** What stands under a heading, down to the next heading of the same or a higher level. */
export const section = (markdown: string, heading: string): string =>
  under(markdown, heading, ({ level }, own) => level <= own)

/** What stands under a heading, down to the next heading of any level. */
export const ownText = (markdown: string, heading: string): string => under(markdown, heading, () => true)

interface Heading {
  readonly index: number
  readonly level: number
  readonly text: string
}

const under = (markdown: string, heading: string, ends: (next: Heading, level: number) => boolean): string => {
  const lines = markdown.split("\n")
  const all = headingLines(lines)
  const start = all.find(({ text }) => text === heading)
  if (start === undefined) throw new Error(`There is no heading "${heading}"`)
  const end = all.find((next) => next.index > start.index && ends(next, start.level))
  return lines.slice(start.index + 1, end?.index).join("\n")
}

const headingLines = (lines: ReadonlyArray<string>): ReadonlyArray<Heading> => {
  const fences = fencedLines(lines)
  return lines.flatMap((line, index) => {
    const [, marks = "", text = ""] = fences.has(index) ? [] : /^(#+) (.*)$/.exec(line) ?? []
    return marks === "" ? [] : [{ index, level: marks.length, text }]
  })
}

const fencedLines = (lines: ReadonlyArray<string>): ReadonlySet<number> => {
  let isFenced = false
  return new Set(lines.flatMap((line, index) => {
    if (!line.startsWith("```")) return isFenced ? [index] : []
    isFenced = !isFenced
    return [index]
  }))
}

/** The rows of the first table whose header begins with these cells; without code marks around a whole cell. */
export const table = (markdown: string, ...header: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const rows = markdown.split("\n").map(cells)
  const start = rows.findIndex((row) => row !== undefined && header.every((name, column) => row[column] === name))
  if (start === -1) throw new Error(`There is no table of ${header.join(", ")}`)
  const body = rows.slice(start + 2)
  const end = body.indexOf(undefined)
  return body.slice(0, end === -1 ? body.length : end).map((row) => row ?? [])
}

const cells = (line: string): ReadonlyArray<string> | undefined =>
  line.startsWith("| ") ? line.slice(1, line.lastIndexOf("|")).split("|").map((cell) => bare(cell.trim())) : undefined

const bare = (cell: string): string => /^`[^`]*`$/.test(cell) ? cell.slice(1, -1) : cell

/** A fenced block: its language and its text. */
export interface Block {
  readonly language: string
  readonly text: string
}

/** The fenced blocks, in order. */
export const blocks = (markdown: string): ReadonlyArray<Block> =>
  [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({ language, text }))
