// `npm run docs`: writes the tables of docs/workflow-language.md anew, from the schemas, and formats the examples.
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { jsonText } from "./JsonText.ts"
import { withTables } from "./LanguageTables.ts"
import { root } from "./tools.mjs"

const rewrite = (path, change) => writeFileSync(path, change(readFileSync(path, "utf8")))

rewrite(join(root, "docs", "workflow-language.md"), withTables)

const examples = join(root, "examples")
for (const name of readdirSync(examples).filter((name) => name.endsWith(".json"))) {
  rewrite(join(examples, name), (text) => `${jsonText(JSON.parse(text))}\n`)
}
