import { Context, Effect, Layer, Option, Result } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Base64Url from "effect/encoding/Base64Url"
import type { Delivery, DeliveryDetail, Webhook } from "../domain/Delivery.ts"
import type { StorageError, WorkflowNotFound } from "../domain/Errors.ts"
import {
  DeliveryNotFound,
  EngineUnavailable,
  ExecutionInvalid,
  WebhookNotFound,
  WorkflowInactive
} from "../domain/Errors.ts"
import type { DeliveryId, ExecutionId, RequestId, WorkflowId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import { webhookOf } from "../domain/Trigger.ts"
import { contentKind, readContent } from "../domain/webhook/Content.ts"
import { Executor } from "./Executor.ts"
import { takeIn } from "./Intake.ts"
import { SchemaValidator } from "./SchemaValidator.ts"
import { findWorkflow } from "./Visibility.ts"
import { WebhookInputs } from "./WebhookInputs.ts"
import { WebhookRepository } from "./WebhookRepository.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** Versions of a workflow that may follow one another while a delivery is repeated. */
const attempts = 3

/** Chance in a token. */
const tokenBytes = 24

/** What owners do with the webhooks of their workflows. A key bound to a tenant finds nothing of another one. */
export class Webhooks extends Context.Service<Webhooks, {
  /** Where a workflow's webhook is; the first look makes its token. */
  readonly get: (
    principal: Principal,
    id: WorkflowId
  ) => Effect.Effect<Webhook, WorkflowNotFound | WebhookNotFound | StorageError>
  /** Makes a new token: the one before is refused from then on. */
  readonly rotate: (
    principal: Principal,
    id: WorkflowId
  ) => Effect.Effect<Webhook, WorkflowNotFound | WebhookNotFound | StorageError>
  /** Newest first. */
  readonly list: (
    principal: Principal,
    id: WorkflowId,
    page: { readonly limit: number; readonly after?: Keyset | undefined }
  ) => Effect.Effect<Page<Delivery>, WorkflowNotFound | StorageError>
  readonly find: (
    principal: Principal,
    id: WorkflowId,
    deliveryId: DeliveryId
  ) => Effect.Effect<DeliveryDetail, WorkflowNotFound | DeliveryNotFound | StorageError>
  /** Takes a delivery in once more, as the workflow is now. */
  readonly redeliver: (
    principal: Principal,
    id: WorkflowId,
    deliveryId: DeliveryId,
    requestId: RequestId
  ) => Effect.Effect<
    { readonly executionId: ExecutionId; readonly deliveryId: DeliveryId },
    WorkflowNotFound | WorkflowInactive | DeliveryNotFound | ExecutionInvalid | EngineUnavailable | StorageError
  >
}>()("atlasit/services/Webhooks") {
  static readonly layer = Layer.effect(
    Webhooks,
    Effect.gen(function*() {
      const workflows = yield* WorkflowRepository
      const webhooks = yield* WebhookRepository
      const random = yield* SecureRandom.SecureRandom
      const ports = {
        webhooks,
        executor: yield* Executor,
        validator: yield* SchemaValidator,
        inputs: yield* WebhookInputs,
        random
      }

      const workflowOf = (principal: Principal, id: WorkflowId) => findWorkflow(workflows, principal, id)

      const triggerOf = Effect.fnUntraced(function*(principal: Principal, id: WorkflowId) {
        const { triggers } = yield* workflowOf(principal, id)
        return webhookOf(triggers) ?? (yield* new WebhookNotFound({ id }))
      })

      const freshToken = Effect.map(random.randomBytes(tokenBytes), Base64Url.encode)

      const withToken = (id: WorkflowId, token: string): Webhook => ({
        path: `/hooks/${id}/${token}`,
        signed: false,
        scheme: null,
        token
      })

      const get = Effect.fn("Webhooks.get")(function*(principal: Principal, id: WorkflowId) {
        const { scheme = "standard", secret } = yield* triggerOf(principal, id)
        return secret === undefined
          ? withToken(id, yield* webhooks.token(id, yield* freshToken))
          : { path: `/hooks/${id}`, signed: true, scheme, token: null }
      })

      const rotate = Effect.fn("Webhooks.rotate")(function*(principal: Principal, id: WorkflowId) {
        const { secret } = yield* triggerOf(principal, id)
        if (secret !== undefined) return yield* new WebhookNotFound({ id })
        const token = yield* freshToken
        yield* webhooks.rotate(id, token)
        return withToken(id, token)
      })

      const list: Webhooks["Service"]["list"] = Effect.fn("Webhooks.list")(function*(principal, id, page) {
        yield* workflowOf(principal, id)
        return yield* webhooks.list({ workflowId: id, ...page })
      })

      const find = Effect.fn("Webhooks.find")(
        function*(principal: Principal, id: WorkflowId, deliveryId: DeliveryId) {
          yield* workflowOf(principal, id)
          const found = yield* webhooks.find(id, deliveryId)
          return Option.isSome(found) ? found.value : yield* new DeliveryNotFound({ id: deliveryId })
        }
      )

      const redeliver = Effect.fn("Webhooks.redeliver")(
        function*(principal: Principal, id: WorkflowId, deliveryId: DeliveryId, requestId: RequestId) {
          const { body, headers, query } = yield* find(principal, id, deliveryId)
          const kind = contentKind(headers["content-type"], body === "") ?? "text"
          const content = Result.getOrElse(readContent(kind, body), () => body)
          for (let tried = 0; tried < attempts; tried++) {
            const workflow = yield* workflowOf(principal, id)
            if (workflow.status !== "active") return yield* new WorkflowInactive({ id })
            const incoming = { body, content, headers, query, key: undefined, redeliveryOf: deliveryId, requestId }
            const taken = yield* takeIn(ports, workflow, { ...incoming, waitMillis: 0 })
            if (Option.isNone(taken)) continue
            const { delivery } = taken.value
            return delivery.executionId === null
              ? yield* new ExecutionInvalid({ issues: delivery.error?.issues ?? [] })
              : { executionId: delivery.executionId, deliveryId: delivery.id }
          }
          return yield* new EngineUnavailable({ cause: `The workflow changed ${attempts} times meanwhile` })
        }
      )

      return Webhooks.of({ get, rotate, list, find, redeliver })
    })
  )
}
