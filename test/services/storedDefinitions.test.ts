import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { unrestricted } from "../../src/domain/Principal.ts"
import { Step } from "../../src/domain/Step.ts"
import { Proposals } from "../../src/services/Proposals.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import * as TestService from "../../src/testing/TestService.ts"
import { makeWorkflow, tenantA } from "../contract/Data.ts"

const key = unrestricted("a", tenantA)

const steps = Schema.decodeUnknownSync(Schema.Array(Step))([
  { id: "a", type: "transform", order: 1, config: { operation: "expression", expression: "steps.gone.output" } }
])

it.effect("a workflow whose definition would be refused today can be renamed and switched off, not changed or switched on", () =>
  Effect.gen(function*() {
    const workflows = yield* Workflows
    const stored = { ...makeWorkflow("old"), steps }
    yield* WorkflowRepository.use(({ insert }) => insert(stored))
    const change = (input: Parameters<typeof workflows.update>[2]) => workflows.update(key, stored.id, input, null)
    const refused = (input: Parameters<typeof workflows.update>[2]) =>
      Effect.map(Effect.flip(change(input)), ({ _tag }) => assert.strictEqual(_tag, "WorkflowInvalid"))

    assert.strictEqual((yield* change({ name: "Renamed", steps })).name, "Renamed")
    yield* refused({ triggers: ["webhook"] })
    assert.strictEqual((yield* change({ status: "inactive" })).status, "inactive")
    assert.strictEqual((yield* change({ description: "Off" })).description, "Off")
    yield* refused({ status: "active" })
    const proposals = yield* Proposals
    const proposed = yield* proposals.proposeUpdate(key, stored.id, { name: "Renamed again" }, null, null)
    assert.strictEqual((yield* proposals.approve(key, proposed.id)).name, "Renamed again")
  }).pipe(Effect.provide(TestService.layer([]))))
