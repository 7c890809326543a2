// `npm run docs`: writes the tables of docs/workflow-language.md anew, from the schemas.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { withTables } from "./LanguageTables.ts"
import { root } from "./tools.mjs"

const path = join(root, "docs", "workflow-language.md")
writeFileSync(path, withTables(readFileSync(path, "utf8")))
