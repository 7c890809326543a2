import { Schema } from "effect"

const tag = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`

/** `*`, or a list of entity tags (RFC 9110), as `If-Match` and `If-None-Match` hold it. */
export const EntityTags = Schema.String.check(
  Schema.isPattern(new RegExp(String.raw`^(?:\*|${tag}(?:[ \t]*,[ \t]*${tag})*)$`), {
    message: "must be * or entity tags such as \"1\""
  })
)
