import { Layer } from "effect"
import { Mcp } from "./Mcp.ts"
import * as Routes from "./Routes.ts"
import * as ServiceCatalog from "./ServiceCatalog.ts"

/** The MCP server at `/mcp`, for `HttpApp`. */
export const layer = Routes.layer.pipe(Layer.provide(Mcp.layer), Layer.provide(ServiceCatalog.layer))
