// What the interpreter costs per step: sequential steps without I/O, over the journal in memory and the real clock.
// `npm run bench` runs it on the Node of node_modules, which reads TypeScript.
import { Effect, Layer, ManagedRuntime, References } from "effect"
import { FetchHttpClient } from "effect/http"
import * as Engine from "../src/engine/Engine.ts"
import { Interpreter } from "../src/engine/Interpreter.ts"
import { LocalExecutor } from "../src/engine/LocalExecutor.ts"
import { Run } from "../src/engine/Run.ts"
import * as Memory from "../src/layers/Memory.ts"
import * as MemoryExecutor from "../src/layers/memory/Executor.ts"
import { config } from "../src/testing/TestService.ts"
import { median } from "./statistics.mjs"

const rounds = process.argv.includes("--quick") ? 3 : 15
/** Each round runs so many steps of each length, and each length takes its turn in each round. */
const stepsPerRound = 3_000
const lengths = [10, 100, 1_000]

const runtime = ManagedRuntime.make(
  Layer.merge(MemoryExecutor.layer, Engine.interpreter)
    .pipe(
      Layer.provide(FetchHttpClient.layer),
      Layer.provideMerge(Memory.layer),
      Layer.provideMerge(config),
      Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "Error"))
    )
)

let made = 0
const createdAt = "2026-01-01T00:00:00.000Z"

const snapshot = (length) => ({
  executionId: `00000000-0000-7000-8000-${String(made++).padStart(12, "0")}`,
  workflowId: "00000000-0000-7000-8000-000000000000",
  workflowVersion: 1,
  tenantId: "bench",
  definition: {
    name: "bench",
    description: null,
    steps: Array.from({ length }, (_, index) => ({
      id: `step-${index}`,
      type: "transform",
      order: index,
      config: { operation: "set", values: { index } }
    })),
    triggers: []
  },
  inputs: { name: "bench" },
  trigger: "bench",
  requestId: null,
  createdAt
})

/** Microseconds that `effect` takes, on average of as many as there are snapshots. */
const timed = (snapshots, effect) =>
  runtime.runPromise(Effect.gen(function*() {
    const startedAt = performance.now()
    for (const each of snapshots) yield* effect(each)
    return (performance.now() - startedAt) * 1000 / snapshots.length
  }))

const interpret = (length) => {
  const snapshots = Array.from({ length: stepsPerRound / length }, () => snapshot(length))
  return timed(snapshots, (each) => Interpreter.use(({ run }) => run(new Run(each, createdAt))))
}

/** A whole run of three steps, from its start to its stored end. */
const execute = () => {
  const snapshots = Array.from({ length: 300 }, () => snapshot(3))
  return timed(
    snapshots,
    (each) => LocalExecutor.use((executor) => executor.start(each, { waitMillis: 10_000, recovery: false }))
  )
}

const perStep = new Map(lengths.map((length) => [length, []]))
const perRun = []
for (let round = -2; round < rounds; round++) { // the first two warm up
  for (const length of lengths) {
    const micros = await interpret(length)
    if (round >= 0) perStep.get(length).push(micros / length)
  }
  const micros = await execute()
  if (round >= 0) perRun.push(micros)
}
await runtime.dispose()

for (const length of lengths) {
  console.log(`${String(length).padStart(5)} steps in a row: ${median(perStep.get(length)).toFixed(1)} µs per step`)
}
console.log(`    3 steps from start to stored end: ${median(perRun).toFixed(0)} µs per run`)
