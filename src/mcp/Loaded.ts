import { Layer } from "effect"
import * as Answering from "./Answering.ts"
import * as ServiceCatalog from "./ServiceCatalog.ts"

/** The server with what the service offers, and all that it is made of. */
export const layer = Answering.layer.pipe(Layer.provide(ServiceCatalog.layer))
