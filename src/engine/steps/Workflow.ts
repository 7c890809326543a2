import { isObject } from "../../domain/Json.ts"
import type { WorkflowConfig } from "../../domain/steps/Workflow.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"

/** Starts an execution of another workflow; the output is its outputs, or its id if the step doesn't wait. */
export const workflow: StepHandler<WorkflowConfig> = {
  run: ({ inputs, wait, workflowId }: WorkflowConfig, context: StepContext) => {
    const child = { workflowId, inputs: inputs ?? (isObject(context.input) ? context.input : {}) }
    return wait === false ? context.startChild(child) : context.runChild(child)
  }
}
