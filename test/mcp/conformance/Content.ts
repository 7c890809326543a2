import { Effect } from "effect"
import { constant, fixture, said } from "./Tools.ts"

/** A picture of one red pixel. */
export const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="

/** A sound without a sample. */
const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="

const schema2020 = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object" as const,
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } }
    }
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" }
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false
}

/** Tools whose answers are content of each kind. */
export const contentTools = [
  constant("test_simple_text", { type: "text", text: "This is a simple text response for testing." }),
  constant("test_image_content", { type: "image", data: png, mimeType: "image/png" }),
  constant("test_audio_content", { type: "audio", data: wav, mimeType: "audio/wav" }),
  constant("test_embedded_resource", {
    type: "resource",
    resource: {
      uri: "test://embedded-resource",
      mimeType: "text/plain",
      text: "This is an embedded resource content."
    }
  }),
  constant(
    "test_multiple_content_types",
    { type: "text", text: "Multiple content types test:" },
    { type: "image", data: png, mimeType: "image/png" },
    {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: JSON.stringify({ test: "data", value: 123 })
      }
    }
  ),
  fixture(
    "test_error_handling",
    () => Effect.succeed({ ...said("This tool intentionally returns an error for testing"), isError: true })
  ),
  fixture("json_schema_2020_12_tool", (args) => Effect.succeed(said(JSON.stringify(args))), schema2020)
]
