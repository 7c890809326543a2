import { Layer } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { SecretValues } from "../services/SecretValues.ts"
import * as Cipher from "./Cipher.ts"
import * as Alarm from "./memory/Alarm.ts"
import * as Dependencies from "./memory/Dependencies.ts"
import * as ExecutionArchive from "./memory/ExecutionArchive.ts"
import * as ExecutionRepository from "./memory/ExecutionRepository.ts"
import { ExecutionTable } from "./memory/ExecutionTable.ts"
import { Faults } from "./memory/Faults.ts"
import * as Journal from "./memory/Journal.ts"
import * as KeyRepository from "./memory/KeyRepository.ts"
import * as Leases from "./memory/Leases.ts"
import * as ProposalRepository from "./memory/ProposalRepository.ts"
import * as ScheduleRepository from "./memory/ScheduleRepository.ts"
import { ScheduleTable } from "./memory/ScheduleTable.ts"
import * as SecretRepository from "./memory/SecretRepository.ts"
import * as WebhookRepository from "./memory/WebhookRepository.ts"
import * as WorkflowRepository from "./memory/WorkflowRepository.ts"
import { WorkflowTable } from "./memory/WorkflowTable.ts"
import * as WorkflowToolRepository from "./memory/WorkflowToolRepository.ts"
import * as SchemaValidator from "./SchemaValidator.ts"
import * as WebhookSignatures from "./WebhookSignatures.ts"

const secrets = SecretValues.layer.pipe(Layer.provideMerge(Layer.merge(SecretRepository.layer, Cipher.layer)))

/** Every port in the memory of this process, and the faults and the bell by which a test drives them. */
export const layer = Layer.mergeAll(
  Leases.layer,
  ProposalRepository.layer,
  WebhookRepository.layer,
  WebhookSignatures.layer
).pipe(
  Layer.provideMerge(Layer.mergeAll(
    WorkflowRepository.layer,
    WorkflowToolRepository.layer,
    ExecutionRepository.layer,
    ScheduleRepository.layer,
    ExecutionArchive.layer,
    secrets,
    KeyRepository.layer,
    Journal.layer,
    Alarm.layer,
    Dependencies.layer,
    SchemaValidator.layer,
    RateLimiter.layerStoreMemory
  ))
).pipe(
  Layer.provide([WorkflowTable.layer, ExecutionTable.layer]),
  Layer.provideMerge(ScheduleTable.layer),
  Layer.provideMerge(Faults.layer)
)
