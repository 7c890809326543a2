import { Context, Effect, Layer, Option, Result } from "effect"
import * as Digest from "effect/crypto/Digest"
import { timingSafeEqual } from "effect/crypto/Mac"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Hex from "effect/encoding/Hex"
import type { Json, JsonObject } from "effect/Schema"
import {
  DeliveryRefused,
  DeliveryUnreadable,
  DeliveryUnsuccessful,
  EngineUnavailable,
  ExecutionInvalid,
  HookNotFound
} from "../domain/Errors.ts"
import type { ExecutionDetail } from "../domain/Execution.ts"
import { isTerminal } from "../domain/Execution.ts"
import type { DeliveryId, ExecutionId, RequestId, WorkflowId } from "../domain/Ids.ts"
import { isObject } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import { unrestricted } from "../domain/Principal.ts"
import type { WebhookTrigger } from "../domain/Trigger.ts"
import { webhookOf } from "../domain/Trigger.ts"
import { contentKind, readContent, valuesOf } from "../domain/webhook/Content.ts"
import { senderKey } from "../domain/webhook/DeliveryKey.ts"
import { keptHeaders } from "../domain/webhook/Headers.ts"
import { claimOf } from "../domain/webhook/Signature.ts"
import type { Workflow } from "../domain/Workflow.ts"
import { Executions } from "./Executions.ts"
import { Executor } from "./Executor.ts"
import type { TakenIn } from "./Intake.ts"
import { takeIn } from "./Intake.ts"
import { SchemaValidator } from "./SchemaValidator.ts"
import { SecretValues } from "./SecretValues.ts"
import { WebhookInputs } from "./WebhookInputs.ts"
import { WebhookRepository } from "./WebhookRepository.ts"
import { SignatureRefused, WebhookSignatures } from "./WebhookSignatures.ts"

/** Versions of a workflow that may follow one another while a request is taken in. */
const attempts = 3

/** Characters of a sender's key that are kept; a longer one is known by its hash. */
const keyCharacters = 200

/** A request to a webhook, as it came. */
export interface HookRequest {
  readonly workflowId: WorkflowId
  /** The token in the path; null: it has none. */
  readonly token: string | null
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The query as it stands in the URL, without its question mark. */
  readonly query: string
  readonly body: Uint8Array
  readonly requestId: RequestId
}

/** What a sender is told: what was started, what came of it, or what it asked to prove that it reached the service. */
export type HookAnswer =
  | { readonly _tag: "Accepted"; readonly executionId: ExecutionId; readonly deliveryId: DeliveryId }
  | { readonly _tag: "Result"; readonly executionId: ExecutionId; readonly outputs: JsonObject }
  | { readonly _tag: "Challenge"; readonly challenge: string }

/** Takes the requests that come to webhooks. Who makes them shows no key: a signature or a token lets them in. */
export class Hooks extends Context.Service<Hooks, {
  /** Every reason for which nobody is to know that there is a webhook is the same error; so is every fault of a signature. */
  readonly receive: (
    request: HookRequest
  ) => Effect.Effect<
    HookAnswer,
    | HookNotFound
    | DeliveryRefused
    | DeliveryUnreadable
    | ExecutionInvalid
    | DeliveryUnsuccessful
    | EngineUnavailable
  >
}>()("atlasit/services/Hooks") {
  static readonly layer = Layer.effect(
    Hooks,
    Effect.gen(function*() {
      const webhooks = yield* WebhookRepository
      const signatures = yield* WebhookSignatures
      const secrets = yield* SecretValues
      const executions = yield* Executions
      const { digest } = yield* Digest.Digest
      const ports = {
        webhooks,
        executor: yield* Executor,
        validator: yield* SchemaValidator,
        inputs: yield* WebhookInputs,
        random: yield* SecureRandom.SecureRandom
      }

      const hashOf = (text: string) => Effect.map(digest(Digest.sha256, new TextEncoder().encode(text)), Hex.encode)

      const verify = Effect.fnUntraced(function*(workflow: Workflow, webhook: WebhookTrigger, request: HookRequest) {
        const name = webhook.secret ?? ""
        const values = yield* secrets.read(workflow.tenantId, [name]).pipe(
          Effect.catchTags({
            SecretMissing: () => new SignatureRefused({ reason: "secret not available" }),
            StorageError: (cause) => new EngineUnavailable({ cause })
          })
        )
        const secret = values.get(name)
        if (secret === undefined) return yield* new SignatureRefused({ reason: "secret not available" })
        yield* signatures.verify({ ...request, scheme: webhook.scheme ?? "standard", secret })
      })

      /** Lets a request in. Of one that is not the log tells why. */
      const letIn = Effect.fnUntraced(
        function*(workflow: Workflow, token: string | null, webhook: WebhookTrigger, request: HookRequest) {
          if (webhook.secret !== undefined) {
            return request.token === null
              ? yield* verify(workflow, webhook, request)
              : yield* new HookNotFound()
          }
          if (request.token === null || token === null || !isSame(request.token, token)) {
            return yield* new HookNotFound()
          }
        },
        (effect, { id }) =>
          Effect.catchTags(effect, {
            HookNotFound: (error) => Effect.andThen(refusal(id, "no token, or a wrong one"), Effect.fail(error)),
            SignatureRefused: ({ reason }) => Effect.andThen(refusal(id, reason), Effect.fail(new DeliveryRefused()))
          })
      )

      /** What the sender calls a delivery, short enough to be a key. A signed request without a name is known by its signature. */
      const keyOf = Effect.fnUntraced(function*(webhook: WebhookTrigger, request: HookRequest, content: Json) {
        const scheme = webhook.secret === undefined ? null : webhook.scheme ?? "standard"
        const key = senderKey(scheme, request.headers, content)
        if (key !== undefined) return key.length <= keyCharacters ? key : yield* hashOf(key)
        const claim = scheme === null ? undefined : claimOf(scheme, request.headers)
        return claim === undefined ? undefined : yield* hashOf(claim.prefix + claim.signatures.join(" "))
      })

      const outcomeOf = Effect.fnUntraced(function*({ delivery, state }: TakenIn, { tenantId }: Workflow) {
        if (delivery.executionId === null) return Option.none()
        if (Option.isSome(state)) return state
        const principal = unrestricted("webhook", tenantId)
        return yield* Effect.option(executions.get(principal, delivery.executionId))
      })

      const answerOf = Effect.fnUntraced(function*(taken: TakenIn, workflow: Workflow, webhook: WebhookTrigger) {
        const { error, executionId, id } = taken.delivery
        if (executionId === null) return yield* new ExecutionInvalid({ issues: error?.issues ?? [] })
        if (webhook.respond === "result") {
          const outcome = yield* outcomeOf(taken, workflow)
          if (Option.isSome(outcome) && isTerminal(outcome.value.status)) {
            return yield* resultOf(executionId, outcome.value)
          }
        }
        return { _tag: "Accepted" as const, executionId, deliveryId: id }
      })

      /** None: the workflow has changed meanwhile. */
      const attempt = Effect.fnUntraced(function*(request: HookRequest) {
        const target = yield* Effect.mapError(
          webhooks.target(request.workflowId),
          (cause) => new EngineUnavailable({ cause })
        )
        if (Option.isNone(target)) return yield* new HookNotFound()
        const { token, workflow } = target.value
        const webhook = webhookOf(workflow.triggers)
        if (webhook === undefined) return yield* new HookNotFound()
        yield* letIn(workflow, token, webhook, request)
        const { body, content } = yield* read(request)
        const challenge = challengeOf(webhook, content)
        if (challenge !== undefined) return Option.some({ _tag: "Challenge" as const, challenge })
        const taken = yield* takeIn(ports, workflow, {
          content,
          body,
          headers: keptHeaders(request.headers),
          query: valuesOf(request.query),
          key: yield* keyOf(webhook, request, content),
          redeliveryOf: null,
          requestId: request.requestId,
          waitMillis: webhook.respond === "result" ? Limits.waitSeconds * 1_000 : 0
        })
        return Option.isNone(taken) ? Option.none() : Option.some(yield* answerOf(taken.value, workflow, webhook))
      })

      const receive = Effect.fn("Hooks.receive")(function*(request: HookRequest) {
        for (let tried = 0; tried < attempts; tried++) {
          const answer: Option.Option<HookAnswer> = yield* attempt(request)
          if (Option.isSome(answer)) return answer.value
        }
        return yield* new EngineUnavailable({ cause: `The workflow changed ${attempts} times meanwhile` })
      })

      return Hooks.of({ receive })
    })
  ).pipe(Layer.provide(Digest.layerWebCrypto))
}

const refusal = (workflowId: WorkflowId, reason: string) =>
  Effect.logWarning("A request to a webhook was refused").pipe(Effect.annotateLogs({ workflowId, reason }))

const isSame = (given: string, token: string): boolean =>
  timingSafeEqual(new TextEncoder().encode(given), new TextEncoder().encode(token))

/** What a request's body says, and the body as text. */
const read = Effect.fnUntraced(function*({ body: bytes, headers }: HookRequest) {
  const kind = contentKind(headers["content-type"], bytes.length === 0)
  if (kind === undefined || !/^(?:identity)?$/i.test(headers["content-encoding"]?.trim() ?? "")) {
    return yield* new DeliveryUnreadable({
      reason: "type",
      detail: "The body must be JSON, a form or text, in UTF-8 and not compressed"
    })
  }
  const body = Result.try(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))
  if (Result.isFailure(body)) {
    return yield* new DeliveryUnreadable({ reason: "content", detail: "The body is not valid UTF-8" })
  }
  const content = readContent(kind, body.success)
  if (Result.isFailure(content)) {
    return yield* new DeliveryUnreadable({ reason: "content", detail: content.failure })
  }
  return { body: body.success, content: content.success }
})

/** Slack asks for it before it sends anything: nothing is to be started by that. */
const challengeOf = ({ scheme }: WebhookTrigger, content: Json): string | undefined =>
  scheme === "slack" && isObject(content) && content["type"] === "url_verification" &&
    typeof content["challenge"] === "string"
    ? content["challenge"]
    : undefined

const resultOf = (
  executionId: ExecutionId,
  { error, outputs, status }: Pick<ExecutionDetail, "error" | "outputs" | "status">
) =>
  status === "completed"
    ? Effect.succeed({ _tag: "Result" as const, executionId, outputs: outputs ?? {} })
    : Effect.fail(
      new DeliveryUnsuccessful({
        executionId,
        code: error?.code ?? status,
        reason: error?.message ?? `The execution was ${status}`
      })
    )
