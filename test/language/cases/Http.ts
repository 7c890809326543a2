import { upstreamUrl } from "../../worker/Upstream.ts"
import type { Case } from "../Case.ts"
import { asked, done, ends, fails, give, http, refuses } from "../Case.ts"

const ok = { json: { ok: true } }
const moved = (status: number, location: string) => ({ status, text: "", headers: { location } })

/** Where the value of `key` follows, an error tells the first three characters of it. */
const longPath = "/a?x=".padEnd(2_000 - `${upstreamUrl}&key=[se`.length, "x")

/** `http-request`: what is sent, and what becomes of the answer. */
export const requests: ReadonlyArray<Case> = [
  {
    title: "a GET gives the parsed body",
    http: { "/a": { json: [{ n: 1.5 }, null, "ä€😀"] } },
    steps: [http("a", 1, "/a")],
    expected: ends({ a: [{ n: 1.5 }, null, "ä€😀"] }, done("a"), ["GET /a"])
  },
  {
    title: "a request says who asks, what it takes, and for which step",
    http: { "/a": { echo: ["accept", "idempotency-key", "authorization", "content-type", "traceparent"] } },
    steps: [http("a", 1, "/a")],
    expected: ends(
      {
        a: {
          method: "GET",
          url: "/a",
          headers: { accept: "application/json, text/*;q=0.9, */*;q=0.8", "idempotency-key": "<execution>:a" },
          body: ""
        }
      },
      done("a"),
      ["GET /a"]
    )
  },
  {
    title: "a body that is no text is sent as JSON",
    inputs: { n: 2 },
    http: { "/a": { echo: ["content-type"] } },
    steps: [http("a", 1, "/a", { method: "POST", body: { n: "{{ inputs.n }}", list: [1, null] } })],
    expected: ends(
      {
        a: {
          method: "POST",
          url: "/a",
          headers: { "content-type": "application/json" },
          body: "{\"n\":2,\"list\":[1,null]}"
        }
      },
      done("a"),
      ["POST /a"]
    )
  },
  {
    title: "a text is sent as it is",
    http: { "/a": { echo: ["content-type"] } },
    steps: [http("a", 1, "/a", { method: "PUT", body: "a=1&b=ü" })],
    expected: ends(
      { a: { method: "PUT", url: "/a", headers: { "content-type": "text/plain; charset=utf-8" }, body: "a=1&b=ü" } },
      done("a"),
      ["PUT /a"]
    )
  },
  {
    title: "headers of the definition win over the service's, whatever their case",
    http: { "/a": { echo: ["accept", "content-type", "idempotency-key", "x-own"] } },
    steps: [
      http("a", 1, "/a", {
        method: "PATCH",
        body: {},
        headers: {
          Accept: "text/csv",
          "CONTENT-TYPE": "application/merge-patch+json",
          "Idempotency-Key": "mine",
          "X-Own": "{{ 1 + 1 }}"
        }
      })
    ],
    expected: fails(
      {
        code: "invalid-config",
        message: "config.headers.X-Own must be a string, not a number",
        stepId: "a",
        details: { issues: [{ path: ["headers", "X-Own"], message: "must be a string, not a number" }] }
      },
      { a: "failed" }
    )
  },
  {
    title: "headers of the definition win, and take texts with expressions",
    inputs: { id: 7 },
    http: { "/a": { echo: ["accept", "content-type", "idempotency-key", "x-own"] } },
    steps: [
      http("a", 1, "/a", {
        method: "PATCH",
        body: {},
        headers: {
          Accept: "text/csv",
          "CONTENT-TYPE": "application/merge-patch+json",
          "Idempotency-Key": "mine",
          "X-Own": "n {{ inputs.id }}"
        }
      }),
      give("h", 2, "input.headers")
    ],
    expected: ends(
      {
        h: {
          accept: "text/csv",
          "content-type": "application/merge-patch+json",
          "idempotency-key": "mine",
          "x-own": "n 7"
        }
      },
      done("a", "h"),
      ["PATCH /a"]
    )
  },
  {
    title: "query is added to the address's own, and encoded",
    http: { "/a": { echo: [] } },
    steps: [http("a", 1, "/a?x=1", { query: { q: "a b&c=ü", n: 1.5, on: true, x: "2" } }), give("u", 2, "input.url")],
    expected: ends({ u: "/a?x=1&q=a+b%26c%3D%C3%BC&n=1.5&on=true&x=2" }, done("a", "u"), [
      "GET /a?x=1&q=a+b%26c%3D%C3%BC&n=1.5&on=true&x=2"
    ])
  },
  {
    title: "query and headers named as a prototype's members",
    http: { "/a": { echo: ["constructor", "tostring"] } },
    steps: [http("a", 1, "/a", { query: { ["__proto__"]: "1" }, headers: { toString: "t", constructor: "c" } })],
    expected: ends(
      { a: { method: "GET", url: "/a?__proto__=1", headers: { constructor: "c", tostring: "t" }, body: "" } },
      done("a"),
      ["GET /a?__proto__=1"]
    )
  },
  {
    title: "auth: bearer, basic and a header",
    http: { "/a": { echo: ["authorization", "x-key"] } },
    steps: [
      http("a", 1, "/a", { auth: { type: "bearer", token: "t-1" } }),
      http("b", 2, "/a", { auth: { type: "basic", username: "ünal", password: "p:w" } }),
      http("c", 3, "/a", { auth: { type: "header", name: "X-Key", value: "k" } }),
      give("all", 4, "[steps.a, steps.b, steps.c].output.headers")
    ],
    expected: ends(
      { all: [{ authorization: "Bearer t-1" }, { authorization: "Basic w7xuYWw6cDp3" }, { "x-key": "k" }] },
      done("a", "b", "c", "all"),
      ["GET /a", "GET /a", "GET /a"]
    )
  },
  {
    title: "a secret is sent, and is redacted in what comes back",
    secrets: { TOKEN: "s3cr3t-val/ue+1" },
    http: { "/a": { echo: ["authorization"] } },
    steps: [
      http("a", 1, "/a", {
        method: "POST",
        auth: { type: "bearer", token: "{{ secrets.TOKEN }}" },
        body: { again: "{{ $base64encode(secrets.TOKEN) }}" }
      }),
      give("b", 2, "$contains(input.headers.authorization, 's3cr3t')")
    ],
    outputs: { a: "steps.a.output", b: "steps.b.output", sent: "secrets.TOKEN & '!'" },
    expected: ends(
      {
        a: {
          method: "POST",
          url: "/a",
          headers: { authorization: "Bearer [secret:TOKEN]" },
          body: "{\"again\":\"[secret:TOKEN]\"}"
        },
        b: false,
        sent: "[secret:TOKEN]!"
      },
      done("a", "b"),
      ["POST /a"]
    )
  },
  {
    title: "a secret in an error, of an upstream and of a step",
    secrets: { TOKEN: "s3cr3t-val/ue+1" },
    http: { "/a": { status: 401, text: "bad key s3cr3t-val%2Fue%2B1" } },
    steps: [
      { ...http("a", 1, "/a"), onError: "continue" },
      give("b", 2, "$error(secrets.TOKEN & steps.a.error.details.body)")
    ],
    expected: fails(
      {
        code: "expression",
        message: "[secret:TOKEN]bad key [secret:TOKEN]",
        stepId: "b",
        details: { code: "D3137", position: 0 }
      },
      { a: "failed", b: "failed" },
      ["GET /a"]
    )
  },
  {
    title: "a failure tells the request, without the secrets in its address",
    secrets: { TOKEN: "s3cr3t-val/ue+1", PASSWORD: "p\u00e4ss w\u00f6rd&|" },
    http: { "/a/s3cr3t-val%2Fue+1/p%C3%A4ss%20w%C3%B6rd&|": { status: 409, text: "" } },
    steps: [
      http("a", 1, "/a/{{ $encodeUrlComponent(secrets.TOKEN).$replace('%2B', '+') }}/{{ secrets.PASSWORD }}?x=1", {
        method: "DELETE",
        query: { key: "{{ secrets.TOKEN }}", password: "{{ secrets.PASSWORD }}!", n: 1 }
      })
    ],
    expected: fails(
      {
        code: "http-4xx",
        message: "The upstream answered 409",
        stepId: "a",
        details: {
          status: 409,
          body: "",
          ...asked(
            "/a/[secret:TOKEN]/[secret:PASSWORD]?x=1&key=[secret:TOKEN]&password=[secret:PASSWORD]%21&n=1",
            "DELETE"
          )
        }
      },
      { a: "failed" },
      [
        "DELETE /a/s3cr3t-val%2Fue+1/p%C3%A4ss%20w%C3%B6rd&|?x=1&key=s3cr3t-val%2Fue%2B1&password=p%C3%A4ss+w%C3%B6rd%26%7C%21&n=1"
      ]
    )
  },
  {
    title: "the address that a failure tells is cut, without a part of a secret at its end",
    secrets: { TOKEN: "s3cr3t-val/ue+1" },
    http: { "/a": { status: 500, text: "" } },
    steps: [
      http("a", 1, longPath, {
        query: { key: "{{ secrets.TOKEN }}" }
      })
    ],
    expected: fails(
      {
        code: "http-5xx",
        message: "The upstream answered 500",
        stepId: "a",
        details: {
          status: 500,
          body: "",
          ...asked(`${longPath}&key=[se`)
        }
      },
      { a: "failed" },
      [`GET ${longPath}&key=s3cr3t-val%2Fue%2B1`]
    )
  },
  {
    title: "a text comes back as text, also if it looks like JSON",
    http: { "/a": { text: "{\"a\":1}" } },
    steps: [http("a", 1, "/a")],
    expected: ends({ a: "{\"a\":1}" }, done("a"), ["GET /a"])
  },
  {
    title: "JSON by any JSON media type",
    http: { "/a": { text: "{\"a\":1}", headers: { "content-type": "application/vnd.api+json; charset=utf-8" } } },
    steps: [http("a", 1, "/a")],
    expected: ends({ a: { a: 1 } }, done("a"), ["GET /a"])
  },
  {
    title: "no body is null, whatever its media type",
    http: { "/a": { status: 204 }, "/b": { text: "", headers: { "content-type": "application/json" } } },
    steps: [http("a", 1, "/a", { method: "DELETE" }), http("b", 2, "/b"), http("c", 3, "/b", { method: "HEAD" })],
    outputs: { all: "[steps.a.output, steps.b.output, steps.c.output]" },
    expected: ends({ all: [null, null, null] }, done("a", "b", "c"), ["DELETE /a", "GET /b", "HEAD /b"])
  },
  {
    title: "what says that it is JSON and is not",
    http: { "/a": { text: "<html>", headers: { "content-type": "application/json" } } },
    steps: [http("a", 1, "/a")],
    expected: fails(
      {
        code: "invalid-response",
        message: "The answer is not the JSON that it says it is",
        stepId: "a",
        details: asked("/a")
      },
      { a: "failed" },
      ["GET /a"]
    )
  },
  {
    title: "a number that JSON can't say",
    http: { "/a": { text: "{\"n\":1e400}", headers: { "content-type": "application/json" } } },
    steps: [http("a", 1, "/a")],
    expected: fails(
      { code: "invalid-output", message: "The output holds a number that is too large for JSON", stepId: "a" },
      { a: "failed" },
      ["GET /a"]
    )
  },
  {
    title: "JSON that nests as deeply as it may, and one level deeper",
    http: {
      "/100": { text: `${"[".repeat(100)}${"]".repeat(100)}`, headers: { "content-type": "application/json" } },
      "/101": { text: `${"[".repeat(101)}${"]".repeat(101)}`, headers: { "content-type": "application/json" } }
    },
    steps: [http("a", 1, "/100"), give("kept", 2, "$type(input)"), http("b", 3, "/101")],
    expected: fails(
      { code: "invalid-response", message: "The answer nests deeper than 100", stepId: "b", details: asked("/101") },
      { a: "completed", kept: "completed", b: "failed" },
      ["GET /100", "GET /101"]
    )
  },
  {
    title: "response full: status, headers and body",
    http: {
      "/a": { status: 201, text: "made", headers: { "content-type": "text/plain", "x-id": "5", "set-cookie": "a=b" } }
    },
    steps: [http("a", 1, "/a", { method: "POST", response: "full" })],
    expected: ends(
      { a: { status: 201, headers: { "content-type": "text/plain", "x-id": "5", "set-cookie": "a=b" }, body: "made" } },
      done("a"),
      ["POST /a"]
    )
  },
  {
    title: "expect takes other statuses as success",
    http: { "/a": { status: 404, json: { missing: true } } },
    steps: [
      http("a", 1, "/a", { expect: [200, "404-410"], response: "full" }),
      give("b", 2, "[input.status, input.body.missing]")
    ],
    expected: ends({ b: [404, true] }, done("a", "b"), ["GET /a"])
  },
  {
    title: "with expect, 200 may be no success",
    http: { "/a": ok },
    steps: [http("a", 1, "/a", { expect: 202 })],
    expected: fails(
      {
        code: "http-2xx",
        message: "The upstream answered 200",
        stepId: "a",
        details: { status: 200, body: "{\"ok\":true}", ...asked("/a") }
      },
      { a: "failed" },
      ["GET /a"]
    )
  },
  {
    title: "maxBytes: as many bytes, and one more",
    http: { "/a": { text: "0123€" } },
    steps: [http("a", 1, "/a", { maxBytes: 7 }), http("b", 2, "/a", { maxBytes: 6 })],
    expected: fails(
      { code: "response-too-large", message: "The answer is larger than 6 bytes", stepId: "b", details: asked("/a") },
      { a: "completed", b: "failed" },
      ["GET /a", "GET /a"]
    )
  },
  {
    title: "a redirect is followed; 303 goes on as GET without a body",
    http: { "/a": moved(303, "/b?x=1"), "/b": { echo: ["content-type", "x-own", "idempotency-key"] } },
    steps: [http("a", 1, "/a", { method: "POST", body: { n: 1 }, headers: { "x-own": "1" } })],
    expected: ends(
      {
        a: { method: "GET", url: "/b?x=1", headers: { "x-own": "1", "idempotency-key": "<execution>:a" }, body: "" }
      },
      done("a"),
      ["GET /b?x=1", "POST /a"]
    )
  },
  {
    title: "307 keeps the method and the body",
    http: { "/a": moved(307, `${upstreamUrl}/b`), "/b": { echo: ["content-type"] } },
    steps: [http("a", 1, "/a", { method: "POST", body: "text" })],
    expected: ends(
      { a: { method: "POST", url: "/b", headers: { "content-type": "text/plain; charset=utf-8" }, body: "text" } },
      done("a"),
      ["POST /a", "POST /b"]
    )
  },
  {
    title: "a redirect to an internal address is refused, and nobody is called",
    http: { "/a": moved(302, "http://169.254.169.254/latest/meta-data/") },
    steps: [http("a", 1, "/a")],
    expected: fails(
      { code: "blocked-address", message: "169.254.169.254 is an internal address", stepId: "a", details: asked("/a") },
      { a: "failed" },
      ["GET /a"]
    )
  },
  {
    title: "redirects in a circle end after five",
    http: { "/a": moved(301, "/b"), "/b": moved(301, "/a") },
    steps: [http("a", 1, "/a")],
    expected: fails(
      { code: "http-3xx", message: "More than 5 redirects", stepId: "a", details: asked("/a") },
      { a: "failed" },
      ["GET /a", "GET /a", "GET /a", "GET /b", "GET /b", "GET /b"]
    )
  },
  {
    title: "a redirect that expect names is the answer",
    http: { "/a": moved(302, "/b") },
    steps: [
      http("a", 1, "/a", { expect: "3xx", response: "full" }),
      give("b", 2, "[input.status, input.headers.location]")
    ],
    expected: ends({ b: [302, "/b"] }, done("a", "b"), ["GET /a"])
  },
  {
    title: "what is wrong with a configuration is told in part if its names are huge",
    inputs: { query: { ["q".repeat(70_000)]: [] } },
    steps: [http("a", 1, "/a", { query: "{{ inputs.query }}" })],
    expected: fails(
      {
        code: "invalid-config",
        message: "config.query.".padEnd(2_000, "q"),
        stepId: "a",
        details: { issues: [] }
      },
      { a: "failed" }
    )
  },
  {
    title: "an address from an expression is checked when it is known",
    inputs: { url: "https://user:pass@upstream.test/" },
    steps: [{ id: "a", type: "http-request", order: 1, config: { url: "{{ inputs.url }}" } }],
    expected: fails(
      {
        code: "invalid-config",
        message: "config.url must not hold credentials: send them in a header",
        stepId: "a",
        details: { issues: [{ path: ["url"], message: "must not hold credentials: send them in a header" }] }
      },
      { a: "failed" }
    )
  },
  {
    title: "a path made of expressions",
    inputs: { team: { id: "a/b" }, n: 3 },
    http: { "/teams/a%2Fb/3": { json: "found" } },
    steps: [http("a", 1, "/teams/{{ $encodeUrlComponent(inputs.team.id) }}/{{ inputs.n }}")],
    expected: ends({ a: "found" }, done("a"), ["GET /teams/a%2Fb/3"])
  },
  {
    title: "everything that is wrong with a request is told",
    steps: [
      {
        id: "a",
        type: "http-request",
        order: 1,
        config: {
          url: "ftp://x.test/",
          method: "get",
          headers: { Host: "x" },
          body: 1,
          auth: { type: "digest" },
          expect: 99,
          maxBytes: 0,
          retries: 1
        }
      }
    ],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].config.auth.type must be one of \"bearer\", \"basic\", \"header\"",
      "steps[0].config.expect must be a value between 100 and 599",
      "steps[0].config.headers.Host can't be set",
      "steps[0].config.maxBytes must be a value between 1 and 1048576",
      "steps[0].config.method must be \"GET\" or \"POST\" or \"PUT\" or \"PATCH\" or \"DELETE\" or \"HEAD\" or \"OPTIONS\"",
      "steps[0].config.retries is not known here",
      "steps[0].config.url must be an absolute http or https URL"
    )
  },
  {
    title: "a body with GET, and a secret that the tenant does not have",
    steps: [
      http("a", 1, "/a", { body: {} }),
      http("b", 2, "/b", { headers: { "x-key": "{{ secrets.NOBODY_HAS_THIS }}" } })
    ],
    expected: refuses("WORKFLOW-003", "steps[0].config.body can't be sent with GET")
  },
  {
    title: "an error is redacted before it is cut",
    secrets: { TOKEN: "s3cr3t-value-that-is-long" },
    steps: [give("a", 1, "$error($pad('', 1990, 'x') & secrets.TOKEN)")],
    expected: fails(
      {
        code: "expression",
        message: `${"x".repeat(1_990)}[secret:TO`,
        details: { code: "D3137", position: 0 },
        stepId: "a"
      },
      { a: "failed" }
    )
  },
  {
    title: "a secret that the tenant does not have",
    steps: [http("b", 1, "/b", { headers: { "x-key": "{{ secrets.NOBODY_HAS_THIS }}" } })],
    outputs: { x: "secrets.NOR_THIS" },
    expected: refuses(
      "WORKFLOW-003",
      "outputs.x names a secret that the tenant does not have: NOR_THIS",
      "steps[0].config.headers.x-key names a secret that the tenant does not have: NOBODY_HAS_THIS"
    )
  }
]
