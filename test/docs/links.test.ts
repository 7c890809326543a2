import { assert, describe, it } from "@effect/vitest"
import { dirname, join } from "node:path"
import { exists, markdownFiles, read } from "./repository.ts"

const withoutCode = (markdown: string) => markdown.replace(/^```.*?^```$/gms, "").replace(/`[^`\n]*`/g, "code")

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-")

const anchors = (path: string) =>
  [...read(path).replace(/^```.*?^```$/gms, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading))

const isAlive = (file: string, target: string): boolean => {
  if (/^https?:\/\//.test(target)) return true
  const [path = "", anchor] = target.split("#")
  const linked = path === "" ? file : join(dirname(file), path)
  return exists(linked) && (anchor === undefined || anchors(linked).includes(anchor))
}

describe("links", () => {
  it.each([...markdownFiles()])("%s has no dead one", (file) => {
    const targets = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target)
    assert.deepStrictEqual(targets.filter((target) => !isAlive(file, target)), [])
  })
})
