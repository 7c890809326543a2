import type { Json } from "effect/Schema"

/** Values of many kinds of characters. */
export const secretValues = {
  TOKEN: "s3cr3t-v4lue/+?\"\\&%~>",
  PASSWORD: "p\u00e4ssw\u00f6rd \u20ac\ud83d\ude00<of>the'run"
} as const

/** A text that is no secret: where that is found, the values would be too. */
export const plainText = "pl41n-t3xt-of-the-run"

const secret = "{{ secrets.TOKEN }}"
const password = "{{ secrets.PASSWORD }}"
const http = (id: string, order: number, config: Json, more: object = {}) => ({
  id,
  type: "http-request",
  order,
  config,
  onError: "continue",
  ...more
})
const mcp = (id: string, order: number, config: Json) => ({ id, type: "mcp-tool", order, config, onError: "continue" })
const tokenAuth = { type: "bearer", token: secret }
const give = (id: string, order: number, expression: string) => ({
  id,
  type: "transform",
  order,
  config: { operation: "expression", expression },
  onError: "continue"
})

/**
 * Steps that put a secret wherever a step can, with all that comes back and all that goes wrong; `wait` waits for the
 * signal `go`. Upstream, `/echo` answers what it was asked, `/broken` the same as a failure; `nowhere` breaks connections.
 */
export const secretSteps = (upstream: string, nowhere: string): ReadonlyArray<object> => [
  http("echo", 1, {
    url: `${upstream}/echo/{{ $encodeUrlComponent(secrets.TOKEN) }}`,
    method: "POST",
    query: { q: secret, b: "{{ $base64encode('a' & secrets.TOKEN) }}" },
    headers: { "x-token": secret, "x-base64": "{{ $base64encode('ab' & secrets.TOKEN & 'c') }}" },
    auth: { type: "basic", username: "u", password },
    body: {
      secret,
      password,
      text: `t=${secret}&p=${password}`,
      json: "{{ $string({ 'a': [secrets.TOKEN] }) }}",
      plainText
    },
    response: "full"
  }),
  http("broken", 2, {
    url: `${upstream}/broken?p={{ $encodeUrl(secrets.PASSWORD) }}`,
    method: "POST",
    query: { q: secret, all: `${secret} ${password}` },
    body: `${secret} ${password}`
  }, { retry: { attempts: 2, delay: 1, jitter: false } }),
  http("nowhere", 3, {
    url: `${nowhere}/{{ $encodeUrlComponent(secrets.TOKEN & secrets.PASSWORD) }}`,
    auth: { type: "bearer", token: secret }
  }),
  mcp("told", 3, { url: `${upstream}/echo`, tool: secret, arguments: { secret, password }, auth: tokenAuth }),
  mcp("refused", 3, { url: `${upstream}/broken`, tool: "t", arguments: { [plainText]: secret }, auth: tokenAuth }),
  mcp("lost", 3, { url: `${nowhere}/{{ $encodeUrlComponent(secrets.TOKEN) }}`, tool: secret, auth: tokenAuth }),
  http("blocked", 4, { url: "http://10.0.0.1/{{ $encodeUrlComponent(secrets.TOKEN) }}" }),
  http("invalid", 5, { url: secret, method: secret, headers: { "x-a": `${secret}\n` } }),
  // Not sent, and not told: a header must be ASCII.
  http("latin", 5, {
    url: `${upstream}/echo`,
    headers: { "x-a": password },
    auth: { type: "bearer", token: password }
  }),
  give("error", 6, "$error('no ' & secrets.TOKEN & secrets.PASSWORD)"),
  give(
    "made",
    7,
    "{ 'b0': $base64encode(secrets.TOKEN), 'b1': $base64encode('x' & secrets.TOKEN), 'b2': $base64encode('xy' & secrets.TOKEN & 'z'), 'url': $encodeUrlComponent(secrets.TOKEN), 'json': $string([secrets.TOKEN]), 'names': { secrets.TOKEN: 1 }, 'password': $encodeUrlComponent(secrets.PASSWORD) }"
  ),
  {
    id: "loop",
    type: "for-each",
    order: 8,
    config: {
      items: [secret, password],
      continueOnError: true,
      steps: [{ ...give("item", 1, "$error(item)"), onError: "fail" }]
    }
  },
  { id: "wait", type: "wait-for-event", order: 9, config: { signal: "go" } },
  give("after", 10, "steps.made.output & secrets.TOKEN & secrets.PASSWORD & input")
]

/** How such a run ends: with outputs, or with an error. */
export const secretEnds: Readonly<Record<string, { readonly steps: ReadonlyArray<object>; readonly outputs?: Json }>> =
  {
    completed: {
      steps: [],
      outputs: {
        direct: "[secrets.TOKEN, secrets.PASSWORD]",
        text: `t=${secret}`,
        all: "steps",
        plain: `'${plainText}'`
      }
    },
    failed: {
      steps: [{
        id: "stop",
        type: "fail",
        order: 11,
        config: { message: `Stopped with ${secret}, ${password} and ${plainText}` }
      }]
    }
  }
