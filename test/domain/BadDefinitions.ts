export const without = (object: object, member: string): object =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== member))

export const sound = { id: "a", type: "http-request", order: 1, config: { url: "https://example.com/" } }

export const root = (more: object) => ({ tenantId: "t", name: "n", steps: [sound], ...more })
export const stepped = (...steps: ReadonlyArray<unknown>) => root({ steps })
const step = (more: object) => stepped({ ...sound, ...more })
export const http = (config: object) => step({ config: { url: "https://example.com/", ...config } })
const undo = without(without(sound, "id"), "order")
const transform = (config: unknown) => step({ type: "transform", config })
const tool = (config: unknown) => step({ type: "mcp-tool", config })
export const aggregate = (...operations: ReadonlyArray<unknown>) => transform({ operation: "aggregate", operations })
const trigger = (...triggers: ReadonlyArray<unknown>) => root({ triggers })
const schedule = (more: object) => trigger({ type: "schedule", cron: "* * * * *", ...more })

const limited = (concurrency: object) => root({ settings: { concurrency } })

export const required = "is required"
export const unknown = "is not known here"
const stepTypes =
  "must be one of \"http-request\", \"transform\", \"condition\", \"for-each\", \"delay\", \"wait-for-event\", \"workflow\", \"mcp-tool\", \"fail\""
const operations =
  "must be one of \"filter\", \"map\", \"sort\", \"limit\", \"unique\", \"group\", \"aggregate\", \"flatten\", \"merge\", \"set\", \"expression\""
const stepId = "must be 1 to 64 characters of A-Z a-z 0-9 _ -"
const tenantId = "must be 1 to 64 characters of A-Z a-z 0-9 _ . -"
const fieldPath = "must be a path such as \"customer.address.city\""
const duration = "must be a duration such as \"30s\", \"5m\" or milliseconds"
const oneDay = "must be between 1 ms and 86400000 ms"
const kept = "must be between 3600000 ms and 315360000000 ms"
const url = "must be an absolute http or https URL"
const credentials = "must not hold credentials: send them in a header"
const methods = "must be \"GET\" or \"POST\" or \"PUT\" or \"PATCH\" or \"DELETE\" or \"HEAD\" or \"OPTIONS\""
const cron = "must be a cron expression of 5 or 6 fields"
const timezone = "must be an IANA time zone such as \"Europe/Berlin\""
const triggerNames = "must be \"webhook\" or \"schedule\" or \"mcp\""
export const notEmpty = "must be a value with a length of at least 1"

/** Definitions that the service refuses: what is sent, and each problem as its path in words with its message. */
export const bad: ReadonlyArray<readonly [name: string, input: unknown, ...problems: ReadonlyArray<string>]> = [
  ["null", null, ": must be an object, not null"],
  ["an array", [], ": must be an object, not an array"],
  ["a string", "{}", ": must be an object, not a string"],
  ["an empty object", {}, `tenantId: ${required}`, `name: ${required}`, `steps: ${required}`],

  ["no tenantId", without(root({}), "tenantId"), `tenantId: ${required}`],
  ["tenantId null", root({ tenantId: null }), "tenantId: must be a string, not null"],
  ["tenantId a number", root({ tenantId: 5 }), "tenantId: must be a string, not a number"],
  ["tenantId empty", root({ tenantId: "" }), `tenantId: ${tenantId}`],
  ["tenantId with a space", root({ tenantId: "a b" }), `tenantId: ${tenantId}`],
  ["tenantId with a line's end", root({ tenantId: "a\n" }), `tenantId: ${tenantId}`],
  ["tenantId of 65 characters", root({ tenantId: "t".repeat(65) }), `tenantId: ${tenantId}`],

  ["no name", without(root({}), "name"), `name: ${required}`],
  ["name null", root({ name: null }), "name: must be a string, not null"],
  ["name an object", root({ name: {} }), "name: must be a string, not an object"],
  ["name empty", root({ name: "" }), `name: ${notEmpty}`, "name: must not be blank"],
  ["name blank", root({ name: " \t\n" }), "name: must not be blank"],
  ["name of a no-break space", root({ name: "\u00a0" }), "name: must not be blank"],
  ["name of 201 characters", root({ name: "n".repeat(201) }), "name: must be a value with a length of at most 200"],

  ["name with half a character", root({ name: "\ud83d" }), "name: must be well-formed Unicode"],
  ["description with half a character", root({ description: "a\ude00" }), "description: must be well-formed Unicode"],
  ["description a number", root({ description: 5 }), "description: must be a string or null, not a number"],
  [
    "description of 4,097 characters",
    root({ description: "d".repeat(4_097) }),
    "description: must be a value with a length of at most 4096"
  ],
  ["status unknown", root({ status: "paused" }), "status: must be \"active\" or \"inactive\""],
  ["status null", root({ status: null }), "status: must be \"active\" or \"inactive\", not null"],

  ["no steps", without(root({}), "steps"), `steps: ${required}`],
  ["steps null", root({ steps: null }), "steps: must be an array, not null"],
  ["steps an object", root({ steps: { 0: sound } }), "steps: must be an array, not an object"],
  ["steps empty", stepped(), `steps: ${notEmpty}`],
  [
    "1,001 steps",
    stepped(...Array.from({ length: 1_001 }, (_, index) => ({ ...sound, id: `s${index}` }))),
    "steps: must be a value with a length of at most 1000"
  ],
  ["a step null", stepped(null), "steps[0]: must be an object, not null"],
  ["a step a string", stepped(sound, "b"), "steps[1]: must be an object, not a string"],
  ["a step an array", stepped([]), "steps[0]: must be an object, not an array"],

  ["no id", stepped(without(sound, "id")), `steps[0].id: ${required}`],
  ["id null", step({ id: null }), "steps[0].id: must be a string, not null"],
  ["id a number", step({ id: 1 }), "steps[0].id: must be a string, not a number"],
  ["id empty", step({ id: "" }), `steps[0].id: ${stepId}`],
  ["id with a space", step({ id: "a b" }), `steps[0].id: ${stepId}`],
  ["id with a dot", step({ id: "a.b" }), `steps[0].id: ${stepId}`],
  ["id with an umlaut", step({ id: "ä" }), `steps[0].id: ${stepId}`],
  ["id with a line's end", step({ id: "a\n" }), `steps[0].id: ${stepId}`],
  ["id of 65 characters", step({ id: "i".repeat(65) }), `steps[0].id: ${stepId}`],

  ["no type", stepped(without(sound, "type")), `steps[0].type: ${required}`],
  ["type unknown", step({ type: "http" }), `steps[0].type: ${stepTypes}`],
  ["type in capitals", step({ type: "HTTP-REQUEST" }), `steps[0].type: ${stepTypes}`],
  ["type null", step({ type: null }), `steps[0].type: ${stepTypes}`],
  ["type __proto__", step({ type: "__proto__" }), `steps[0].type: ${stepTypes}`],

  ["no order", stepped(without(sound, "order")), `steps[0].order: ${required}`],
  ["order a string", step({ order: "1" }), "steps[0].order: must be a number, not a string"],
  ["order 1.5", step({ order: 1.5 }), "steps[0].order: must be an integer"],
  ["order 2^53", step({ order: 2 ** 53 }), "steps[0].order: must be an integer"],
  ["order null", step({ order: null }), "steps[0].order: must be a number, not null"],

  ["dependsOn a string", step({ dependsOn: "a" }), "steps[0].dependsOn: must be an array, not a string"],
  ["dependsOn of numbers", step({ dependsOn: ["a", 1] }), "steps[0].dependsOn[1]: must be a string, not a number"],
  ["dependsOn of no id", step({ dependsOn: ["a b"] }), `steps[0].dependsOn[0]: ${stepId}`],
  [
    "dependsOn of 1,001 ids",
    step({ dependsOn: Array.from({ length: 1_001 }, () => "a") }),
    "steps[0].dependsOn: must be a value with a length of at most 1000"
  ],
  ["a step's name empty", step({ name: "" }), `steps[0].name: ${notEmpty}`],
  [
    "a step's name too long",
    step({ name: "n".repeat(201) }),
    "steps[0].name: must be a value with a length of at most 200"
  ],
  ["onError unknown", step({ onError: "stop" }), "steps[0].onError: must be \"fail\" or \"continue\""],
  [
    "onError null",
    step({ onError: null }),
    "steps[0].onError: must be \"fail\" or \"continue\" or an object, not null"
  ],

  ["undo null", step({ undo: null }), "steps[0].undo: must be an object, not null"],
  ["undo of no type", step({ undo: { config: {} } }), `steps[0].undo.type: ${required}`],
  ["undo of an unknown type", step({ undo: { type: "x", config: {} } }), `steps[0].undo.type: ${stepTypes}`],
  ["undo with an id", step({ undo: { ...sound } }), `steps[0].undo.id: ${unknown}`, `steps[0].undo.order: ${unknown}`],
  [
    "undo of an undo",
    step({ undo: { ...undo, undo } }),
    `steps[0].undo.undo: ${unknown}`
  ],
  [
    "undo with a bad configuration",
    step({ undo: { type: "http-request", config: { url: "ftp://x" } } }),
    `steps[0].undo.config.url: ${url}`
  ],

  ["timeout without a unit", step({ timeout: "30" }), `steps[0].timeout: ${duration}`],
  ["timeout negative", step({ timeout: "-1s" }), `steps[0].timeout: ${duration}`],
  ["timeout with a fraction", step({ timeout: "1.5s" }), `steps[0].timeout: ${duration}`],
  ["timeout empty", step({ timeout: "" }), `steps[0].timeout: ${duration}`],
  ["timeout 0", step({ timeout: 0 }), "steps[0].timeout: must be a value greater than 0"],
  ["timeout -5", step({ timeout: -5 }), "steps[0].timeout: must be a value greater than 0"],
  ["timeout 1.5", step({ timeout: 1.5 }), "steps[0].timeout: must be an integer"],
  ["timeout 0s", step({ timeout: "0s" }), `steps[0].timeout: ${oneDay}`],
  ["limit 0", limited({ limit: 0 }), "settings.concurrency.limit: must be a value between 1 and 1000"],
  ["limit 1,001", limited({ limit: 1_001 }), "settings.concurrency.limit: must be a value between 1 and 1000"],
  ["no limit", limited({ key: "inputs.a" }), `settings.concurrency.limit: ${required}`],
  ["an empty key", limited({ limit: 1, key: "" }), `settings.concurrency.key: ${notEmpty}`],
  [
    "another way when it is full",
    limited({ limit: 1, whenFull: "wait" }),
    "settings.concurrency.whenFull: must be \"queue\" or \"reject\" or \"cancel-oldest\""
  ],
  ["timeout of 25 hours", step({ timeout: "25h" }), `steps[0].timeout: ${oneDay}`],
  ["timeout of a day and 1 ms", step({ timeout: 86_400_001 }), `steps[0].timeout: ${oneDay}`],
  ["timeout null", step({ timeout: null }), "steps[0].timeout: must be a number or a string, not null"],

  ["no config", stepped(without(sound, "config")), `steps[0].config: ${required}`],
  ["config null", step({ config: null }), "steps[0].config: must be an object, not null"],
  ["config an array", transform([]), "steps[0].config: must be an object, not an array"],

  ["no url", step({ config: {} }), `steps[0].config.url: ${required}`],
  ["url null", http({ url: null }), "steps[0].config.url: must be a string, not null"],
  ["url empty", http({ url: "" }), `steps[0].config.url: ${notEmpty}`, `steps[0].config.url: ${url}`],
  ["url relative", http({ url: "/data" }), `steps[0].config.url: ${url}`],
  ["url without a scheme", http({ url: "//example.com/" }), `steps[0].config.url: ${url}`],
  ["url a bare host", http({ url: "example.com" }), `steps[0].config.url: ${url}`],
  ["url without slashes", http({ url: "https:example.com" }), `steps[0].config.url: ${url}`],
  ["url ftp", http({ url: "ftp://example.com/" }), `steps[0].config.url: ${url}`],
  ["url javascript", http({ url: "javascript:alert(1)" }), `steps[0].config.url: ${url}`],
  ["url file", http({ url: "file:///etc/passwd" }), `steps[0].config.url: ${url}`],
  ["url data", http({ url: "data:text/plain,a" }), `steps[0].config.url: ${url}`],
  ["url of no host", http({ url: "http://" }), `steps[0].config.url: ${url}`],
  ["url with a space in its host", http({ url: "https://a b.com/" }), `steps[0].config.url: ${url}`],
  ["url with a port too large", http({ url: "https://example.com:65536/" }), `steps[0].config.url: ${url}`],
  ["url with a space before it", http({ url: " https://example.com/" }), `steps[0].config.url: ${url}`],
  ["url with a user and a password", http({ url: "https://u:p@example.com/" }), `steps[0].config.url: ${credentials}`],
  ["url with a user", http({ url: "https://u@example.com/" }), `steps[0].config.url: ${credentials}`],
  ["url with a password", http({ url: "https://:p@example.com/" }), `steps[0].config.url: ${credentials}`],
  [
    "url of 8,193 characters",
    http({ url: "https://example.com/".padEnd(8_193, "a") }),
    "steps[0].config.url: must be a value with a length of at most 8192"
  ],

  ["method in small letters", http({ method: "get" }), `steps[0].config.method: ${methods}`],
  ["method TRACE", http({ method: "TRACE" }), `steps[0].config.method: ${methods}`],
  ["method a number", http({ method: 1 }), `steps[0].config.method: ${methods}, not a number`],

  ["headers an array", http({ headers: [] }), "steps[0].config.headers: must be an object, not an array"],
  ["a header a number", http({ headers: { a: 1 } }), "steps[0].config.headers.a: must be a string, not a number"],
  [
    "a header with a line's end",
    http({ headers: { a: "x\r\ny: z" } }),
    "steps[0].config.headers.a: must hold visible ASCII characters only"
  ],
  [
    "headers that are not ASCII",
    http({ headers: { a: "€" }, auth: { type: "header", name: "b", value: "ä" } }),
    "steps[0].config.headers.a: must hold visible ASCII characters only",
    "steps[0].config.auth.value: must hold visible ASCII characters only"
  ],
  [
    "a token that is not ASCII",
    http({ auth: { type: "bearer", token: "é" } }),
    "steps[0].config.auth.token: must hold visible ASCII characters only"
  ],
  ["a header name empty", http({ headers: { "": "x" } }), "steps[0].config.headers.: must be a header name"],
  [
    "a header name with a space",
    http({ headers: { "a b": "x" } }),
    "steps[0].config.headers.a b: must be a header name"
  ],
  [
    "a header name with a line's end",
    http({ headers: { "a\nb": "x" } }),
    "steps[0].config.headers.a\nb: must be a header name"
  ],
  ["a header name with a colon", http({ headers: { "a:": "x" } }), "steps[0].config.headers.a:: must be a header name"],
  ["Host", http({ headers: { Host: "x" } }), "steps[0].config.headers.Host: can't be set"],
  ["Connection", http({ headers: { connection: "x" } }), "steps[0].config.headers.connection: can't be set"],
  [
    "Content-Length",
    http({ headers: { "CONTENT-LENGTH": "1" } }),
    "steps[0].config.headers.CONTENT-LENGTH: can't be set"
  ],
  [
    "Transfer-Encoding and Upgrade",
    http({ headers: { "Transfer-Encoding": "chunked", ok: "1", upgrade: "h2c" } }),
    "steps[0].config.headers.Transfer-Encoding: can't be set",
    "steps[0].config.headers.upgrade: can't be set"
  ],

  [
    "query null",
    http({ query: { a: null } }),
    "steps[0].config.query.a: must be a string or a number or a boolean, not null"
  ],
  ["query a string", http({ query: "a=b" }), "steps[0].config.query: must be an object, not a string"],
  ["a body without a method", http({ body: {} }), "steps[0].config.body: can't be sent with GET"],
  ["a body with GET", http({ method: "GET", body: null }), "steps[0].config.body: can't be sent with GET"],
  ["a body with HEAD", http({ method: "HEAD", body: "x" }), "steps[0].config.body: can't be sent with HEAD"],

  ["no operation", transform({}), `steps[0].config.operation: ${required}`],
  ["operation unknown", transform({ operation: "reduce" }), `steps[0].config.operation: ${operations}`],
  ["operation a number", transform({ operation: 1 }), `steps[0].config.operation: ${operations}`],
  ["operation toString", transform({ operation: "toString" }), `steps[0].config.operation: ${operations}`],
  ["path empty", transform({ operation: "unique", path: "" }), `steps[0].config.path: ${fieldPath}`],
  ["filter without field", transform({ operation: "filter", value: 1 }), `steps[0].config.field: ${required}`],
  ["filter without value", transform({ operation: "filter", field: "a" }), `steps[0].config.value: ${required}`],
  [
    "filter in without a list",
    transform({ operation: "filter", field: "a", operator: "in", value: "b" }),
    "steps[0].config.value: must be an array with operator \"in\""
  ],
  [
    "filter matches without a pattern",
    transform({ operation: "filter", field: "a", operator: "matches", value: 1 }),
    "steps[0].config.value: must be a pattern with operator \"matches\""
  ],
  [
    "filter with an unknown operator",
    transform({ operation: "filter", field: "a", operator: "==", value: 1 }),
    "steps[0].config.operator: must be \"eq\" or \"ne\" or \"gt\" or \"gte\" or \"lt\" or \"lte\" or \"in\" or \"contains\" or \"exists\" or \"matches\""
  ],
  [
    "filter by a bad path",
    transform({ operation: "filter", field: "a..b", value: 1 }),
    `steps[0].config.field: ${fieldPath}`
  ],
  ["map without fields", transform({ operation: "map" }), `steps[0].config.fields: ${required}`],
  ["map of no fields", transform({ operation: "map", fields: [] }), `steps[0].config.fields: ${notEmpty}`],
  [
    "map of a string",
    transform({ operation: "map", fields: "a" }),
    "steps[0].config.fields: must be an array or an object, not a string"
  ],
  [
    "map of a number",
    transform({ operation: "map", fields: ["a", 1] }),
    "steps[0].config.fields[1]: must be a string, not a number"
  ],
  ["map to a bad path", transform({ operation: "map", fields: { x: "." } }), `steps[0].config.fields.x: ${fieldPath}`],
  ["map to no name", transform({ operation: "map", fields: { "": "a" } }), "steps[0].config.fields.: must have a name"],
  ["sort without field", transform({ operation: "sort" }), `steps[0].config.field: ${required}`],
  [
    "sort in no direction",
    transform({ operation: "sort", field: "a", direction: "up" }),
    "steps[0].config.direction: must be \"asc\" or \"desc\""
  ],
  ["limit without count", transform({ operation: "limit" }), `steps[0].config.count: ${required}`],
  [
    "limit with a negative count and a broken offset",
    transform({ operation: "limit", count: -1, offset: 0.5 }),
    "steps[0].config.count: must be a value greater than or equal to 0",
    "steps[0].config.offset: must be an integer"
  ],
  [
    "unique by a number",
    transform({ operation: "unique", field: 1 }),
    "steps[0].config.field: must be a string, not a number"
  ],
  ["group without field", transform({ operation: "group" }), `steps[0].config.field: ${required}`],
  ["aggregate without operations", transform({ operation: "aggregate" }), `steps[0].config.operations: ${required}`],
  ["aggregate of no operations", aggregate(), `steps[0].config.operations: ${notEmpty}`],
  [
    "aggregate without its members",
    aggregate({}, { as: "s", function: "sum" }),
    `steps[0].config.operations[0].as: ${required}`,
    `steps[0].config.operations[0].function: ${required}`,
    `steps[0].config.operations[1].field: ${required}`
  ],
  [
    "aggregate by an unknown function",
    aggregate({ as: "m", function: "median", field: "a" }),
    "steps[0].config.operations[0].function: must be \"count\" or \"sum\" or \"avg\" or \"min\" or \"max\""
  ],
  [
    "flatten 0",
    transform({ operation: "flatten", depth: 0 }),
    "steps[0].config.depth: must be a value between 1 and 100"
  ],
  [
    "flatten 101",
    transform({ operation: "flatten", depth: 101 }),
    "steps[0].config.depth: must be a value between 1 and 100"
  ],
  ["merge without with", transform({ operation: "merge" }), `steps[0].config.with: ${required}`],
  ["set without values", transform({ operation: "set" }), `steps[0].config.values: ${required}`],
  [
    "set of an array",
    transform({ operation: "set", values: [] }),
    "steps[0].config.values: must be an object, not an array"
  ],

  ["triggers a string", root({ triggers: "webhook" }), "triggers: must be an array, not a string"],
  ["triggers null", root({ triggers: null }), "triggers: must be an array, not null"],
  [
    "51 triggers",
    trigger(...Array.from({ length: 51 }, () => "webhook")),
    "triggers: must be a value with a length of at most 50"
  ],
  ["an unknown short trigger", trigger("webhook", "cron"), `triggers[1]: ${triggerNames}`],
  ["a trigger null", trigger(null), `triggers[0]: ${triggerNames} or an object, not null`],
  ["a trigger without type", trigger({}), `triggers[0].type: ${required}`],
  [
    "an unknown trigger",
    trigger({ type: "email" }),
    "triggers[0].type: must be one of \"webhook\", \"schedule\", \"mcp\""
  ],
  [
    "webhook answers never",
    trigger({ type: "webhook", respond: "never" }),
    "triggers[0].respond: must be \"accepted\" or \"result\""
  ],
  ["webhook of no secret", trigger({ type: "webhook", secret: "" }), `triggers[0].secret: ${notEmpty}`],
  ["schedule without cron", trigger({ type: "schedule" }), `triggers[0].cron: ${required}`],
  ["cron a number", schedule({ cron: 5 }), "triggers[0].cron: must be a string, not a number"],
  ["cron in words", schedule({ cron: "every day" }), `triggers[0].cron: ${cron}`],
  ["cron of 4 fields", schedule({ cron: "* * * *" }), `triggers[0].cron: ${cron}`],
  ["cron of 7 fields", schedule({ cron: "* * * * * * *" }), `triggers[0].cron: ${cron}`],
  ["cron of minute 60", schedule({ cron: "60 * * * *" }), `triggers[0].cron: ${cron}`],
  [
    "cron of a day that never comes",
    schedule({ cron: "0 0 30 2 *" }),
    "triggers[0].cron: never fires: none of its months has such a day"
  ],
  ["time zone of Mars", schedule({ timezone: "Mars/Olympus" }), `triggers[0].timezone: ${timezone}`],
  [
    "time zone empty",
    schedule({ timezone: "" }),
    `triggers[0].timezone: ${notEmpty}`,
    `triggers[0].timezone: ${timezone}`
  ],
  [
    "schedule with every option wrong",
    schedule({ inputs: [], overlap: "queue", catchUp: true }),
    "triggers[0].inputs: must be an object, not an array",
    "triggers[0].overlap: must be \"skip\" or \"allow\"",
    "triggers[0].catchUp: must be \"none\" or \"last\" or \"all\", not a boolean"
  ],
  [
    "mcp with a bad tool",
    trigger({ type: "mcp", tool: "a b" }),
    "triggers[0].tool: must be 1 to 40 of A-Z a-z 0-9 _ -"
  ],
  ["mcp without a description", trigger({ type: "mcp", description: "" }), `triggers[0].description: ${notEmpty}`],

  ["a retention without a unit", root({ settings: { retention: "30" } }), `settings.retention: ${duration}`],
  ["a retention of 59 minutes", root({ settings: { retention: "59m" } }), `settings.retention: ${kept}`],
  [
    "a retention of 1 ms less than an hour",
    root({ settings: { retention: 3_599_999 } }),
    `settings.retention: ${kept}`
  ],
  ["a retention of 3,651 days", root({ settings: { retention: "3651d" } }), `settings.retention: ${kept}`],
  [
    "a retention of ten years and 1 ms",
    root({ settings: { retention: 315_360_000_001 } }),
    `settings.retention: ${kept}`
  ],

  ["a typo in the definition", root({ discription: "x" }), `discription: ${unknown}`],
  [
    "__proto__ in the definition",
    JSON.parse(`{"__proto__":{},"tenantId":"t","name":"n","steps":[${JSON.stringify(sound)}]}`),
    `__proto__: ${unknown}`
  ],
  ["what the service sets", root({ id: "w", version: 1 }), `id: ${unknown}`, `version: ${unknown}`],
  ["a typo in a step", step({ onErorr: "fail" }), `steps[0].onErorr: ${unknown}`],
  ["a typo in an HTTP request", http({ methd: "GET" }), `steps[0].config.methd: ${unknown}`],
  ["a tool without a server", tool({ tool: "t" }), `steps[0].config.url: ${required}`],
  ["a server without a tool", tool({ url: "https://example.com/mcp" }), `steps[0].config.tool: ${required}`],
  ["a tool without a name", tool({ url: "https://example.com/mcp", tool: "" }), `steps[0].config.tool: ${notEmpty}`],
  [
    "a tool over a WebSocket",
    tool({ url: "wss://example.com/mcp", tool: "t" }),
    `steps[0].config.url: ${url}`
  ],
  [
    "a tool's server with credentials",
    tool({ url: "https://u:p@example.com/mcp", tool: "t" }),
    `steps[0].config.url: ${credentials}`
  ],
  [
    "arguments of a tool as a list",
    tool({ url: "https://example.com/mcp", tool: "t", arguments: [1] }),
    "steps[0].config.arguments: must be an object, not an array"
  ],
  [
    "a typo in a tool",
    tool({ url: "https://example.com/mcp", tool: "t", args: {} }),
    `steps[0].config.args: ${unknown}`
  ],
  ["a typo in a transform", transform({ operation: "flatten", deph: 1 }), `steps[0].config.deph: ${unknown}`],
  [
    "a typo in an aggregate",
    aggregate({ as: "n", function: "count", feild: "a" }),
    `steps[0].config.operations[0].feild: ${unknown}`
  ],
  ["a typo in a trigger", trigger({ type: "webhook", secrt: "x" }), `triggers[0].secrt: ${unknown}`],
  ["a member of another operation", transform({ operation: "unique", count: 1 }), `steps[0].config.count: ${unknown}`],
  ["a member of another trigger", trigger({ type: "webhook", cron: "* * * * *" }), `triggers[0].cron: ${unknown}`],

  [
    "many problems at once",
    {
      nme: "n",
      tenantId: "t t",
      steps: [
        { id: "a b", type: "nope", order: "1" },
        { type: "transform", order: 1.5, timeout: "30", config: { operation: "sort", direction: "up" } },
        { id: "c", type: "http-request", order: 1, dependsOn: [1], config: { url: "/x", headers: { "a b": "1" } } }
      ],
      triggers: ["x", { type: "schedule", cron: "x", timezone: "y" }],
      status: "paused"
    },
    `nme: ${unknown}`,
    `tenantId: ${tenantId}`,
    `name: ${required}`,
    `steps[0].type: ${stepTypes}`,
    `steps[1].id: ${required}`,
    "steps[1].order: must be an integer",
    `steps[1].timeout: ${duration}`,
    `steps[1].config.field: ${required}`,
    "steps[1].config.direction: must be \"asc\" or \"desc\"",
    "steps[2].dependsOn[0]: must be a string, not a number",
    `steps[2].config.url: ${url}`,
    "steps[2].config.headers.a b: must be a header name",
    `triggers[0]: ${triggerNames}`,
    `triggers[1].cron: ${cron}`,
    `triggers[1].timezone: ${timezone}`,
    "status: must be \"active\" or \"inactive\""
  ]
]
