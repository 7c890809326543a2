import { layer } from "../../src/layers/SchemaValidator.ts"
import { schemaValidatorContract } from "../contract/SchemaValidatorContract.ts"

schemaValidatorContract("Node.js", layer)
