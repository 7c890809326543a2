import type { Resource as ResourceDescription } from "@modelcontextprotocol/server"
import { Effect, Option } from "effect"
import type { Resource } from "../../../src/mcp/Catalog.ts"
import { png } from "./Content.ts"

const single = (
  uri: string,
  mimeType: string,
  content: { readonly text: string } | { readonly blob: string }
): Resource => ({
  scope: "read",
  describe: (): { readonly resource: ResourceDescription } => ({
    resource: { uri, name: uri.slice("test://".length), description: `The suite reads ${uri}`, mimeType }
  }),
  read: (asked) =>
    Effect.succeed(asked === uri ? Option.some({ contents: [{ uri, mimeType, ...content }] }) : Option.none())
})

const pattern = /^test:\/\/template\/([^/]+)\/data$/

const template: Resource = {
  scope: "read",
  describe: () => ({
    template: {
      uriTemplate: "test://template/{id}/data",
      name: "template",
      description: "The suite fills in an id",
      mimeType: "application/json"
    }
  }),
  read: (uri) => {
    const id = pattern.exec(uri)?.[1]
    return Effect.succeed(
      id === undefined ? Option.none() : Option.some({
        contents: [{
          uri,
          mimeType: "application/json",
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` })
        }]
      })
    )
  }
}

/** Resources that the suite lists, reads and watches. */
export const resources = [
  single("test://static-text", "text/plain", { text: "This is the content of the static text resource." }),
  single("test://static-binary", "image/png", { blob: png }),
  single("test://watched-resource", "text/plain", { text: "It never changes." }),
  template
]
