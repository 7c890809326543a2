import { Arbitrary, Schema } from "effect"
import { WorkflowId } from "../../src/domain/Ids.ts"
import type { Comparable } from "../../src/domain/ProposalDiff.ts"
import { fromMillis } from "../../src/domain/Timestamp.ts"
import { WorkflowCreate } from "../../src/domain/Workflow.ts"
import { workflowOf } from "../../src/domain/Workflow.ts"

const decode = Schema.decodeUnknownSync(WorkflowCreate)

/** A definition to compare: active, and what the given members say. */
export const comparable = (steps: ReadonlyArray<object>, members: object = {}): Comparable =>
  workflowOf(WorkflowId.make("w"), decode({ tenantId: "tenant-a", name: "Any", steps, ...members }), fromMillis(0))

/** A step that calls this URL. */
export const call = (id: string, url: string, members: object = {}) => ({
  id,
  type: "http-request",
  order: 1,
  config: { url },
  ...members
})

/** What a step may be made of. */
interface Shape {
  readonly id: string
  readonly kind: "call" | "set" | "condition" | "loop" | "fail"
  readonly order: number
  readonly host: string
  readonly value: Schema.Json
  readonly member: string
  readonly optional: boolean
  readonly inner: ReadonlyArray<Shape>
  readonly undone: ReadonlyArray<Shape>
}

const Small = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))

const shapes = (depth: number): Schema.Codec<ReadonlyArray<Shape>> => {
  const none: Schema.Codec<ReadonlyArray<Shape>> = Schema.Array(Schema.Never).check(Schema.isMaxLength(0))
  return Schema.Array(Schema.Struct({
    id: Schema.Literals(["a", "b", "c", "d"]),
    kind: Schema.Literals(["call", "set", "condition", "loop", "fail"]),
    order: Small,
    host: Schema.Literals(["one.example.com", "two.example.com", "{{ inputs.host }}"]),
    value: Schema.Json,
    member: Schema.Literals(["x", "y-1", "with space", "a.b"]),
    optional: Schema.Boolean,
    inner: depth === 0 ? none : shapes(depth - 1),
    undone: depth === 0 ? none : shapes(depth - 1)
  })).check(Schema.isMaxLength(3))
}

const leaf = { id: "leaf", type: "transform", order: 1, config: { operation: "set", values: {} } }

const stepsOf = (list: ReadonlyArray<Shape>, undone: boolean): ReadonlyArray<object> => {
  const unique = [...new Map(list.map((shape) => [shape.id, shape])).values()]
  return unique.length === 0 ? [leaf] : unique.map((shape) => ({
    id: shape.id,
    order: shape.order,
    ...workOf(shape, shape.inner, undone),
    ...(shape.optional ? { name: "A name", onError: { output: shape.value } } : {}),
    ...(undone || shape.undone.length === 0 ? {} : { undo: workOf(shape, shape.undone, true) })
  }))
}

const workOf = (shape: Shape, inner: ReadonlyArray<Shape>, undone: boolean) => {
  const { host, kind, member, optional, value } = shape
  switch (kind) {
    case "call":
      return {
        type: "http-request",
        ...(optional ? { timeout: "5m", retry: { attempts: 3 } } : {}),
        config: {
          url: `https://${host}/`,
          method: "POST",
          body: { [member]: value, fixed: { deep: { deeper: { deepest: value } } } },
          ...(optional ? { auth: { type: "bearer", token: "{{ secrets.TOKEN }}" }, headers: { accept: "*/*" } } : {})
        }
      }
    case "set":
      return { type: "transform", when: "true", config: { operation: "set", values: { [member]: value } } }
    case "condition": {
      const steps = stepsOf(inner, undone)
      return { type: "condition", config: { if: "true", then: steps, ...(optional ? { else: steps } : {}) } }
    }
    case "loop":
      return { type: "for-each", config: { items: [value], steps: stepsOf(inner, undone) } }
    case "fail":
      return { type: "fail", config: { message: `No ${member}` } }
  }
}

/** Any definition with steps of some levels. */
export const anyComparable = Arbitrary.map(
  Arbitrary.all({
    steps: Arbitrary.schema(shapes(2)),
    value: Arbitrary.schema(Schema.Json),
    optional: Arbitrary.schema(Schema.Boolean),
    status: Arbitrary.schema(Schema.Literals(["active", "inactive"]))
  }),
  ({ optional, status, steps, value }) =>
    comparable(stepsOf(steps, false), {
      status,
      ...(optional
        ? {
          description: "What it does",
          triggers: ["webhook", { type: "schedule", cron: "0 9 * * *" }],
          inputSchema: { type: "object", title: JSON.stringify(value) },
          outputs: { total: "1", value },
          settings: { timeout: "1h", concurrency: { limit: 2, key: "inputs.a" } }
        }
        : {})
    })
)
