import * as HttpApi from "effect/http-api/HttpApi"
import * as FindMyWay from "effect/http/FindMyWay"
import { Api } from "./api/Api.ts"

/** A path and a method that it knows. */
export interface Endpoint {
  readonly method: string
  readonly path: string
}

const endpointsOfApi = (): ReadonlyArray<Endpoint> => {
  const endpoints: Array<Endpoint> = []
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      endpoints.push(endpoint)
    }
  })
  return endpoints
}

/** Which methods the path of a request knows, of the API and of other routes; none: there is nothing at this path. */
export const make = (others: ReadonlyArray<Endpoint>): (url: string) => ReadonlyArray<string> => {
  const router = FindMyWay.make<ReadonlyArray<string>>()
  const byPath = Map.groupBy<string, Endpoint>([...endpointsOfApi(), ...others], ({ path }) => path)
  for (const [path, endpoints] of byPath) {
    const methods = endpoints.map(({ method }) => method)
    // SAFETY: the paths of endpoints and routes begin with a slash; only `*`, which no route here has, would not.
    router.on("GET", path as `/${string}`, methods.includes("GET") ? [...methods, "HEAD"] : methods)
  }
  return (url) => router.find("GET", url)?.handler ?? []
}
