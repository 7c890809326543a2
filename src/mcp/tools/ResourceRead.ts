import { isInputRequiredResult, ProtocolError } from "@modelcontextprotocol/server"
import { Effect, Option, Schema } from "effect"
import { cut } from "../../domain/Text.ts"
import { invalidData } from "../../http/Problems.ts"
import { failure } from "../Answers.ts"
import type { Call, Resource } from "../Catalog.ts"
import { fits } from "../Size.ts"
import { defineTool } from "../Tool.ts"
import { untrusted } from "../views/Untrusted.ts"

const Output = Schema.Struct({
  mimeType: Schema.NullOr(Schema.String),
  nextOffset: Schema.NullOr(Schema.Int),
  untrusted: untrusted({ text: Schema.String })
})

const tool = defineTool({
  name: "resource_read",
  title: "Read a resource",
  description:
    "Reads a resource where the client can't: docs://workflow-language, schema://workflow, or one that an answer names. " +
    "A long text goes on at nextOffset.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({
    uri: Schema.String,
    offset: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))).annotateKey({ default: 0 })
  }),
  output: Output
})

/** Reads what is a resource, for clients that know tools alone; in parts that an answer has room for. */
export const resourceRead = (resources: ReadonlyArray<Resource>) =>
  tool(
    Effect.fn("resource_read")(function*({ offset = 0, uri }, call) {
      const read = yield* textOf(resources, uri, call)
      if (read === undefined || (offset > 0 && offset >= read.text.length)) {
        const issue = read === undefined
          ? { path: ["uri"], message: "names no resource that this key may read" }
          : { path: ["offset"], message: `must be less than ${read.text.length}, the length of the text` }
        return { refused: failure(call.requestId, invalidData("REQUEST-001", [issue])) }
      }
      return { output: partOf(read, offset) }
    })
  )

interface Read {
  readonly text: string
  readonly mimeType: string | null
}

/** The text of a resource; undefined: there is none at this address for this key. */
const textOf = Effect.fnUntraced(
  function*(resources: ReadonlyArray<Resource>, uri: string, call: Call) {
    for (const resource of resources) {
      const found = Option.getOrUndefined(yield* resource.read(uri, call))
      const [content] = found === undefined || isInputRequiredResult(found) ? [] : found.contents
      if (content !== undefined && "text" in content) return { text: content.text, mimeType: content.mimeType ?? null }
    }
    return undefined
  },
  // A resource says to its reader, as the protocol has it, that there is nothing at an address.
  Effect.catchDefect((defect) => defect instanceof ProtocolError ? Effect.undefined : Effect.die(defect))
)

/** As much of a text as there is room for, from a place on. No surrogate pair is taken apart. */
const partOf = ({ mimeType, text }: Read, offset: number): typeof Output.Type => {
  const rest = text.slice(offset)
  const first = (length: number) => ({
    mimeType,
    nextOffset: length < rest.length ? offset + length : null,
    untrusted: { text: rest.slice(0, length) }
  })
  let length = rest.length
  while (!fits(first(length))) length = Math.floor(length * 0.8)
  return first(cut(rest, length).length || length)
}
