import type { Case } from "../Case.ts"
import {
  asked,
  condition,
  delay,
  done,
  ends,
  fail,
  fails,
  forEach,
  give,
  http,
  refuses,
  transform,
  waitFor
} from "../Case.ts"

const soon = { delay: 1, jitter: false }
const down = { status: 503, json: { down: true } }
const unavailable = {
  code: "http-5xx",
  message: "The upstream answered 503",
  stepId: "a",
  details: { status: 503, body: "{\"down\":true}", ...asked("/a") }
}

/** Retries, timeouts, `onError` and `fail`. */
export const failures: ReadonlyArray<Case> = [
  {
    title: "a step is tried again until it is done",
    http: { "/a": [down, down, { json: 7 }] },
    steps: [{ ...http("a", 1, "/a"), retry: { attempts: 5, ...soon } }],
    expected: ends({ a: 7 }, { a: "completed (3)" }, ["GET /a", "GET /a", "GET /a"])
  },
  {
    title: "every attempt has the same key",
    http: { "/a": [down, { echo: ["idempotency-key"] }] },
    steps: [{ ...http("a", 1, "/a"), retry: { attempts: 2, ...soon } }],
    outputs: { key: "steps.a.output.headers.`idempotency-key`" },
    expected: ends({ key: "<execution>:a" }, { a: "completed (2)" }, ["GET /a", "GET /a"])
  },
  {
    title: "as often as attempts says, and no more",
    http: { "/a": down },
    steps: [{ ...http("a", 1, "/a"), retry: { attempts: 3, backoff: "fixed", ...soon } }],
    expected: fails(unavailable, { a: "failed (3)" }, ["GET /a", "GET /a", "GET /a"])
  },
  {
    title: "without retry a step is tried once",
    http: { "/a": [down, { json: 1 }] },
    steps: [http("a", 1, "/a")],
    expected: fails(unavailable, { a: "failed" }, ["GET /a"])
  },
  {
    title: "a 404 is not tried again by default",
    http: { "/a": [{ status: 404, text: "no" }, { json: 1 }] },
    steps: [{ ...http("a", 1, "/a"), retry: { attempts: 3, ...soon } }],
    expected: fails(
      {
        code: "http-4xx",
        message: "The upstream answered 404",
        stepId: "a",
        details: { status: 404, body: "no", ...asked("/a") }
      },
      { a: "failed" },
      ["GET /a"]
    )
  },
  {
    title: "only the kinds in `on` are tried again",
    http: { "/a": [{ status: 429, text: "" }, down, { json: 1 }] },
    steps: [{ ...http("a", 1, "/a"), retry: { attempts: 5, on: ["http-429"], ...soon } }],
    expected: fails(unavailable, { a: "failed (2)" }, ["GET /a", "GET /a"])
  },
  {
    title: "`any` is every failure, also of a step that calls nobody",
    steps: [{ ...give("a", 1, "$error('again')"), retry: { attempts: 4, on: ["any"], ...soon } }],
    expected: fails(
      { code: "expression", message: "again", stepId: "a", details: { code: "D3137", position: 0 } },
      { a: "failed (4)" }
    )
  },
  {
    title: "execution.attempt is the run's, not the step's",
    http: { "/1": [down, { json: "ok" }] },
    steps: [{ ...http("a", 1, "/{{ execution.attempt }}"), retry: { attempts: 2, ...soon } }],
    expected: ends({ a: "ok" }, { a: "completed (2)" }, ["GET /1", "GET /1"])
  },
  {
    title: "Retry-After is honoured up to maxDelay",
    http: { "/a": [{ status: 429, text: "", headers: { "retry-after": "3600" } }, { json: 1 }] },
    steps: [{ ...http("a", 1, "/a"), retry: { attempts: 2, maxDelay: 5 } }],
    expected: ends({ a: 1 }, { a: "completed (2)" }, ["GET /a", "GET /a"])
  },
  {
    title: "a Retry-After of 0, or in the past, is at once",
    http: {
      "/a": [
        { status: 503, text: "", headers: { "retry-after": "0" } },
        { status: 503, text: "", headers: { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" } },
        { json: 1 }
      ]
    },
    steps: [{ ...http("a", 1, "/a"), retry: { attempts: 3, delay: "1h", maxDelay: "1h" } }],
    expected: ends({ a: 1 }, { a: "completed (3)" }, ["GET /a", "GET /a", "GET /a"])
  },
  {
    title: "a connection that breaks is tried again",
    http: { "/a": [{ lost: "broken" }, { json: 1 }] },
    steps: [{ ...http("a", 1, "/a"), retry: { attempts: 2, ...soon } }],
    expected: ends({ a: 1 }, { a: "completed (2)" }, ["GET /a", "GET /a"])
  },
  {
    title: "one that stays broken is a network failure",
    http: { "/a": { lost: "broken" } },
    steps: [http("a", 1, "/a")],
    expected: fails(
      {
        code: "network",
        message: "The upstream could not be reached: the connection broke",
        stepId: "a",
        details: asked("/a")
      },
      { a: "failed" },
      ["GET /a"]
    )
  },
  {
    title: "an attempt that takes too long is ended, and tried again",
    http: { "/a": [{ lost: "never" }, { json: 1 }] },
    steps: [{ ...http("a", 1, "/a"), timeout: 500, retry: { attempts: 2, ...soon } }],
    expected: ends({ a: 1 }, { a: "completed (2)" }, ["GET /a", "GET /a"])
  },
  {
    title: "a timeout that is over fails the step",
    http: { "/a": { lost: "never" } },
    steps: [{ ...http("a", 1, "/a"), timeout: "300ms" }],
    expected: fails(
      { code: "timeout", message: "The step took longer than 300 ms", stepId: "a" },
      { a: "failed" },
      ["GET /a"]
    )
  },
  {
    title: "a timeout of a loop ends the steps in it",
    http: { "/0": { json: 1 }, "/1": { lost: "never" } },
    steps: [{ ...forEach("l", 1, { items: [0, 1], steps: [http("x", 1, "/{{ item }}")] }), timeout: 500 }],
    expected: fails(
      { code: "timeout", message: "The step took longer than 500 ms", stepId: "l" },
      { l: "failed", "l[0].x": "completed", "l[1].x": "cancelled" },
      ["GET /0", "GET /1"]
    )
  },
  {
    title: "a loop that is tried again takes what is done in it as it is",
    http: { "/0": { json: "zero" }, "/1": [down, { json: "one" }] },
    steps: [{
      ...forEach("l", 1, { items: [0, 1], steps: [http("x", 1, "/{{ item }}")] }),
      retry: { attempts: 2, on: ["any"], ...soon }
    }],
    expected: ends(
      { l: ["zero", "one"] },
      { l: "completed (2)", "l[0].x": "completed", "l[1].x": "completed" },
      ["GET /0", "GET /1", "GET /1"]
    )
  },

  {
    title: "onError continue gives null, and tells the error",
    http: { "/a": down },
    steps: [
      { ...http("a", 1, "/a"), onError: "continue" },
      give("b", 2, "[input, steps.a.status, steps.a.error.details.status]")
    ],
    expected: ends({ b: [null, "failed", 503] }, { a: "failed", b: "completed" }, ["GET /a"])
  },
  {
    title: "onError comes after the last attempt",
    http: { "/a": down },
    steps: [{ ...http("a", 1, "/a"), onError: { output: { cached: true } }, retry: { attempts: 2, ...soon } }],
    expected: ends({ a: { cached: true } }, { a: "failed (2)" }, ["GET /a", "GET /a"])
  },
  {
    title: "the output of onError is a value, not a template",
    steps: [{ ...fail("a", 1, { message: "x" }), onError: { output: "{{ inputs }}" } }],
    expected: ends({ a: "{{ inputs }}" }, { a: "failed" })
  },
  {
    title: "onError of a condition holds for what fails in it",
    steps: [
      {
        ...condition("c", 1, { if: "true", then: [fail("x", 1, { message: "no", code: "denied" })] }),
        onError: "continue"
      },
      give("b", 2, "steps.c.error")
    ],
    expected: ends(
      { b: { code: "denied", message: "no", stepId: "x" } },
      { c: "failed", "c.then.x": "failed", b: "completed" }
    )
  },
  {
    title: "onError holds for a configuration that is not valid when it is filled in",
    steps: [
      { ...http("a", 1, "/a", { method: "{{ 'BREW' }}" }), onError: "continue" },
      give("b", 2, "steps.a.error.code")
    ],
    expected: ends({ b: "invalid-config" }, { a: "failed", b: "completed" })
  },

  {
    title: "fail ends the execution; what follows is skipped",
    steps: [fail("a", 1, { message: "Stopped by {{ workflow.version }}" }), give("b", 2, "1")],
    expected: fails({ code: "failed", message: "Stopped by 1", stepId: "a" }, { a: "failed", b: "skipped" })
  },
  {
    title: "fail has a code of its own",
    steps: [{ ...fail("a", 1, { message: "No", code: "not-approved" }), name: "Refusal" }],
    expected: fails({ code: "not-approved", message: "No", stepId: "a" }, { a: "failed" })
  },
  {
    title: "fail whose turn does not come",
    steps: [{ ...fail("a", 1, { message: "No" }), when: "false" }, give("b", 2, "1")],
    expected: ends({ b: 1 }, { a: "skipped", b: "completed" })
  },
  {
    title: "a failure interrupts what runs beside it",
    http: { "/slow": { lost: "never" }, "/a": down },
    steps: [http("slow", 1, "/slow"), http("a", 1, "/a"), give("b", 2, "1")],
    expected: fails(unavailable, { slow: "cancelled", a: "failed", b: "skipped" }, ["GET /a", "GET /slow"])
  },
  {
    title: "a message that a template makes empty",
    steps: [fail("a", 1, { message: "{{ inputs.none }}" })],
    expected: fails(
      {
        code: "invalid-config",
        message: "config.message must be a string, not null",
        stepId: "a",
        details: { issues: [{ path: ["message"], message: "must be a string, not null" }] }
      },
      { a: "failed" }
    )
  },
  {
    title: "retry, timeout and onError that are none",
    steps: [
      { ...give("a", 1, "1"), retry: { attempts: 21 } },
      { ...give("b", 2, "1"), timeout: "2 minutes" },
      { ...give("c", 3, "1"), onError: "ignore" },
      { ...give("d", 4, "1"), retry: { attempts: 1, on: ["http-500"] } }
    ],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].retry.attempts must be a value between 1 and 20",
      "steps[1].timeout must be a duration such as \"30s\", \"5m\" or milliseconds",
      "steps[2].onError must be \"fail\" or \"continue\"",
      "steps[3].retry.on[0] must be \"network\" or \"timeout\" or \"http-4xx\" or \"http-429\" or \"http-5xx\" or \"unavailable\" or \"mcp-error\" or \"any\""
    )
  },

  {
    title: "a delay lets time pass, and gives null",
    steps: [delay("d", 1, { duration: "20ms" }), give("b", 2, "$type(input)")],
    expected: ends({ b: "null" }, done("d", "b"))
  },
  {
    title: "a delay that is written down, beside one that is not",
    steps: [delay("long", 1, { duration: 1_100 }), delay("short", 1, { duration: 1 }), give("b", 2, "input")],
    expected: ends({ b: { long: null, short: null } }, done("long", "short", "b"))
  },
  {
    title: "a delay until a moment that is past, with an offset",
    steps: [delay("d", 1, { until: "2020-01-01T00:00:00+14:00" })],
    expected: ends({ d: null }, done("d"))
  },
  {
    title: "a delay takes its moment from an expression",
    steps: [delay("d", 1, { until: "{{ $fromMillis($millis() + 15) }}" })],
    expected: ends({ d: null }, done("d"))
  },
  {
    title: "a delay of both, of neither, and of too long",
    steps: [
      delay("a", 1, { duration: "1s", until: "2020-01-01T00:00:00Z" }),
      delay("b", 2, {}),
      delay("c", 3, { duration: "367d" })
    ],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].config.duration must be set, or \"until\", but not both",
      "steps[1].config.duration must be set, or \"until\", but not both",
      "steps[2].config.duration must be between 1 ms and 31622400000 ms"
    )
  },
  {
    title: "a signal that comes before its step waits is kept",
    signals: [{ name: "go", payload: { by: "Ada" } }],
    steps: [delay("d", 1, { duration: 50 }), waitFor("w", 2, { signal: "go" })],
    expected: ends({ w: { by: "Ada" } }, done("d", "w"))
  },
  {
    title: "a signal to a step that waits; others don't wake it",
    signals: [{ name: "other", payload: 1, onceWaits: "w" }, { name: "go", onceWaits: "w" }],
    steps: [waitFor("w", 1, { signal: "go" }), give("b", 2, "$type(input)")],
    expected: ends({ b: "null" }, done("w", "b"))
  },
  {
    title: "two signals of a name go to two steps, in order",
    signals: [{ name: "go", payload: "first", onceWaits: "one" }, { name: "go", payload: "second" }],
    steps: [waitFor("one", 1, { signal: "go" }), waitFor("two", 2, { signal: "go" })],
    outputs: { got: "[steps.one.output, steps.two.output]" },
    expected: ends({ got: ["first", "second"] }, done("one", "two"))
  },
  {
    title: "a wait in each round of a loop",
    signals: [{ name: "next", payload: 1 }, { name: "next", payload: 2 }],
    steps: [
      forEach("l", 1, { items: ["a", "b"], steps: [waitFor("w", 1, { signal: "next" }), give("x", 2, "item & input")] })
    ],
    expected: ends({ l: ["a1", "b2"] }, done("l", "l[0].w", "l[0].x", "l[1].w", "l[1].x"))
  },
  {
    title: "the name of a signal may be a template",
    inputs: { id: "42" },
    signals: [{ name: "order-42", payload: "paid" }],
    steps: [waitFor("w", 1, { signal: "order-{{ inputs.id }}" })],
    expected: ends({ w: "paid" }, done("w"))
  },
  {
    title: "no signal in time",
    steps: [waitFor("w", 1, { signal: "go", timeout: 30 })],
    expected: fails({ code: "timeout", message: "No signal \"go\" came in time", stepId: "w" }, { w: "failed" })
  },
  {
    title: "no signal in time, and what is done then",
    steps: [
      { ...waitFor("w", 1, { signal: "go", timeout: 30 }), onError: { output: "escalate" } },
      condition("c", 2, { if: "input = 'escalate'", then: [give("x", 1, "'escalated'")] })
    ],
    expected: ends({ c: "escalated" }, { w: "failed", c: "completed", "c.then.x": "completed" })
  },
  {
    title: "settings.timeout ends the run: what ran is cancelled, what was to come is skipped",
    settings: { timeout: 500 },
    http: { "/a": { lost: "never" } },
    steps: [http("a", 1, "/a"), give("b", 2, "1")],
    expected: fails(
      { code: "run-timeout", message: "The execution took longer than 500 ms" },
      { a: "cancelled", b: "skipped" },
      ["GET /a"]
    )
  },
  {
    title: "settings.timeout holds while the run waits, and for what onError would forgive",
    settings: { timeout: "500ms" },
    steps: [{ ...waitFor("w", 1, { signal: "go" }), onError: "continue" }, give("b", 2, "1")],
    expected: fails(
      { code: "run-timeout", message: "The execution took longer than 500 ms" },
      { w: "cancelled", b: "skipped" }
    )
  },
  {
    title: "settings that are none",
    settings: { timeout: "367d", retries: 1 },
    steps: [transform("a", 1, { operation: "unique" })],
    expected: refuses(
      "WORKFLOW-003",
      "settings.timeout must be between 1 ms and 31622400000 ms",
      "settings.retries is not known here"
    )
  }
]
