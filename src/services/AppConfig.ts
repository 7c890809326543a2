import type { LogLevel } from "effect"
import { Config, Context, Duration, Effect, Layer, Option, Redacted, Result, Schema } from "effect"
import { Base64 } from "effect/encoding"

/** How the rate limiter counts: `kv` is approximate and cheap, `durable-object` exact, `memory` for one process. */
export const RateLimitStoreName = Schema.Literals(["kv", "durable-object", "memory"])
export type RateLimitStoreName = typeof RateLimitStoreName.Type

const wholeNumber = (name: string, minimum: number, maximum: number) =>
  Config.schema(Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum, maximum })), name)

const flag = (name: string) =>
  Config.schema(Schema.Literals(["true", "false"]), name).pipe(Config.map((value) => value === "true"))

const AllowedKeys = Schema.String.check(Schema.isPattern(/[^,\s]/, { message: "must name at least one key" }))

const split = (text: string): ReadonlyArray<string> =>
  text.split(",").map((part) => part.trim()).filter((part) => part !== "")

/** A variable does not hold a key. Tells the variable, never what it holds. */
export class SecretsKeyInvalid extends Schema.TaggedError<SecretsKeyInvalid>()("SecretsKeyInvalid", {
  variable: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.variable} ${this.problem}`
  }
}

/** AES-256 takes a key of so many bytes. */
const secretsKeyBytes = 32

const secretsKey = Effect.fnUntraced(function*(variable: string) {
  const text = yield* Config.option(Config.Redacted(variable))
  if (Option.isNone(text)) return null
  const bytes = Base64.decode(Redacted.value(text.value).trim())
  if (Result.isFailure(bytes) || bytes.success.length !== secretsKeyBytes) {
    return yield* new SecretsKeyInvalid({ variable, problem: `must be ${secretsKeyBytes} bytes in base64` })
  }
  return Redacted.make(bytes.success)
})

const secretsKeys = Effect.gen(function*() {
  const current = yield* secretsKey("SECRETS_KEY")
  const previous = yield* secretsKey("SECRETS_KEY_PREVIOUS")
  if (current === null && previous !== null) {
    return yield* new SecretsKeyInvalid({ variable: "SECRETS_KEY", problem: "is missing beside SECRETS_KEY_PREVIOUS" })
  }
  return { current, previous }
})

const load = Effect.gen(function*() {
  const keys = split(yield* Config.schema(AllowedKeys, "API_ALLOWED_KEYS"))
  return {
    allowedKeys: keys.map((key) => Redacted.make(key)),
    executionObjects: yield* wholeNumber("EXECUTION_OBJECTS", 0, 10_000).pipe(Config.withDefault(0)),
    rateLimit: {
      maxRequests: yield* wholeNumber("RATE_LIMIT_MAX_REQUESTS", 1, 1_000_000_000).pipe(Config.withDefault(100)),
      window: Duration.seconds(
        yield* wholeNumber("RATE_LIMIT_WINDOW_SECONDS", 1, 86_400).pipe(Config.withDefault(60))
      ),
      store: yield* Config.schema(RateLimitStoreName, "RATE_LIMIT_STORE").pipe(Config.withDefault("kv" as const))
    },
    outboundAllowHosts: split(yield* Config.String("OUTBOUND_ALLOW_HOSTS").pipe(Config.withDefault(""))),
    secretsKeys: yield* secretsKeys,
    mcp: {
      allowedHosts: split(yield* Config.String("MCP_ALLOWED_HOSTS").pipe(Config.withDefault(""))),
      requireApproval: yield* flag("MCP_REQUIRE_APPROVAL").pipe(Config.withDefault(false))
    },
    retention: Duration.days(yield* wholeNumber("RETENTION_DAYS", 1, 3_650).pipe(Config.withDefault(30))),
    logLevel: yield* Config.LogLevel("LOG_LEVEL").pipe(Config.withDefault("Info" as const))
  }
})

/** The service's configuration, checked at the start. A bad or missing value stops the start with its name. */
export class AppConfig extends Context.Service<AppConfig, {
  /** `API_ALLOWED_KEYS`: `key` is an operator's key (every tenant), `tenant-id:key` a key of one tenant. */
  readonly allowedKeys: ReadonlyArray<Redacted.Redacted>
  /** `EXECUTION_OBJECTS`: on how many objects executions are placed by hash; 0: each has one of its own. */
  readonly executionObjects: number
  readonly rateLimit: {
    /** `RATE_LIMIT_MAX_REQUESTS`: requests of one key in one window. */
    readonly maxRequests: number
    /** `RATE_LIMIT_WINDOW_SECONDS`. */
    readonly window: Duration.Duration
    /** `RATE_LIMIT_STORE`. */
    readonly store: RateLimitStoreName
  }
  /** `OUTBOUND_ALLOW_HOSTS`: hosts that steps may reach although they are not public. */
  readonly outboundAllowHosts: ReadonlyArray<string>
  readonly secretsKeys: {
    /** `SECRETS_KEY`: 32 bytes, in base64; null: no secret can be stored or used. */
    readonly current: Redacted.Redacted<Uint8Array> | null
    /** `SECRETS_KEY_PREVIOUS`: the key before, while secrets are still encrypted under it. */
    readonly previous: Redacted.Redacted<Uint8Array> | null
  }
  readonly mcp: {
    /** `MCP_ALLOWED_HOSTS`: the only names, without ports, by which the MCP server answers; none: any. */
    readonly allowedHosts: ReadonlyArray<string>
    /** `MCP_REQUIRE_APPROVAL`: whether what agents change over MCP waits until a person approves. */
    readonly requireApproval: boolean
  }
  /** `RETENTION_DAYS`: how long finished executions are kept. */
  readonly retention: Duration.Duration
  /** `LOG_LEVEL`: the least level that is logged. */
  readonly logLevel: LogLevel.LogLevel
}>()("atlasit/services/AppConfig") {
  static readonly layer = Layer.effect(AppConfig, load)
}
