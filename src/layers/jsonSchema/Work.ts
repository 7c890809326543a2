import { Limits } from "../../domain/Limits.ts"

/** A schema asked for more work than `Limits` allow. It ends the whole check, so it is thrown. */
export class TooMuchWork extends Error {}

/** Counts what one check does: a step takes about a microsecond at most. */
export class Work {
  private steps = 0
  private depth = 0

  /** Fails when the check takes too many steps. */
  spend(steps: number): void {
    this.steps += steps
    if (this.steps > Limits.schemaSteps) {
      throw new TooMuchWork(`takes more than ${Limits.schemaSteps} steps to be checked`)
    }
  }

  /** One schema inside another is applied; `leave` ends it. */
  enter(): void {
    this.spend(1)
    this.depth += 1
    if (this.depth > Limits.schemaDepth) {
      throw new TooMuchWork(`applies more than ${Limits.schemaDepth} schemas inside one another`)
    }
  }

  leave(): void {
    this.depth -= 1
  }
}
