import type { Json } from "effect/Schema"

/** What an operation expected, and what it got instead. */
export class TransformError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

export type TransformResult = Json | TransformError
