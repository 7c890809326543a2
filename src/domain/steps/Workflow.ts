import { Schema } from "effect"
import { WorkflowReference } from "../Ids.ts"
import { stepInput } from "./Input.ts"

/** Starts an execution of another workflow; the output is its outputs, or its id if the step doesn't wait. */
export const WorkflowConfig = Schema.Struct({
  workflowId: WorkflowReference.annotateKey({
    description: "The workflow, in its current version",
    examples: [WorkflowReference.make("01a20893-34f8-7560-8f27-921cd7c3ab0c")]
  }),
  inputs: Schema.optionalKey(Schema.JsonObject).annotateKey({
    description: "The inputs: the step's input by default, if that is an object"
  }),
  wait: Schema.optionalKey(Schema.Boolean).annotateKey({
    description:
      "Whether the step waits for the end; else the output is the id of the execution, which goes on by itself",
    default: true
  }),
  input: stepInput
}).annotate({
  identifier: "WorkflowConfig",
  description: "Starts an execution of another workflow; the output is its outputs, or its id if the step doesn't wait"
})
export type WorkflowConfig = typeof WorkflowConfig.Type
