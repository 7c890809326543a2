import { ExpressionFailure } from "./ExpressionFailure.ts"
import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"

/** Counts what one evaluation costs, and ends it at the bounds of `ExpressionLimits`. */
export class Meter {
  steps = 0
  depth = 0
  worked = 0
  allocated = 0
  given = 0
  private workedBefore = 0
  private stepsOfOthers = 0
  private workOfOthers = 0
  private nextTurnSteps: number = Limits.stepsPerTurn
  private nextTurnWork: number = Limits.workPerTurn

  /** The next item of a list is evaluated: what one item may cost begins anew, what all may cost goes on. */
  renew(): void {
    this.stepsOfOthers += this.steps
    this.workOfOthers += this.worked
    if (this.stepsOfOthers > Limits.stepsOverItems) {
      throw over("steps", `takes more than ${Limits.stepsOverItems} steps for all items together`)
    }
    if (this.workOfOthers > Limits.workOverItems) throw over("work", "visits too many values for all items together")
    this.nextTurnSteps -= this.steps
    this.nextTurnWork -= this.worked
    this.steps = 0
    this.worked = 0
    this.workedBefore = 0
    this.allocated = 0
  }

  /** A node is evaluated that holds no others. */
  count(): void {
    this.workedBefore = this.worked
    if (++this.steps > Limits.steps) throw over("steps", `takes more than ${Limits.steps} steps`)
  }

  /** A node is about to be evaluated. Answers whether the event loop should get a turn first. */
  enter(): boolean {
    this.count()
    if (++this.depth > Limits.depth) throw over("depth", `goes deeper than ${Limits.depth} evaluations`)
    return this.isTurnDue()
  }

  /** Whether the event loop should get a turn by now. */
  isTurnDue(): boolean {
    if (this.steps < this.nextTurnSteps && this.worked < this.nextTurnWork) return false
    this.nextTurnSteps = this.steps + Limits.stepsPerTurn
    this.nextTurnWork = this.worked + Limits.workPerTurn
    return true
  }

  leave(): void {
    this.depth--
  }

  /** So many elements are about to be visited. */
  work(units: number): void {
    this.worked += units
    if (this.worked > Limits.work || this.worked - this.workedBefore > Limits.workPerStep) {
      throw over("work", "visits too many values")
    }
  }

  /** So many characters are about to be read. */
  read(characters: number): void {
    this.work(1 + characters / 16)
  }

  /** An array of so many items is about to be made, or to grow to it by `added`. */
  array(items: number, added: number = items): void {
    if (items > Limits.arrayItems) throw over("array", `makes an array of more than ${Limits.arrayItems} items`)
    this.work(added)
    this.allocate(16 + 8 * added)
  }

  /** An object of so many members is about to be made. */
  object(members: number): void {
    this.work(1 + members)
    this.allocate(32 + 32 * members)
  }

  /** A text of so many characters is about to be made, by reading them. */
  text(characters: number): void {
    this.textLength(characters)
    this.read(characters)
    this.allocate(16 + 2 * characters)
  }

  /** Two texts are about to be joined; neither is copied. */
  joined(characters: number): void {
    this.textLength(characters)
    this.work(1)
    this.allocate(32)
  }

  /** So many bytes of JSON are given back. */
  output(bytes: number): void {
    this.given += bytes
    if (this.given > Limits.outputBytes) throw over("output", `gives more than ${Limits.outputBytes} bytes of JSON`)
  }

  private textLength(characters: number): void {
    if (characters > Limits.stringCharacters) {
      throw over("string", `makes a text of more than ${Limits.stringCharacters} characters`)
    }
  }

  private allocate(bytes: number): void {
    this.allocated += bytes
    if (this.allocated > Limits.allocatedBytes) {
      throw over("memory", `takes more than ${Limits.allocatedBytes} bytes of memory`)
    }
  }
}

/** A bound was passed. */
export const over = (bound: string, what: string): ExpressionFailure =>
  new ExpressionFailure({ code: `limit-${bound}`, message: `The expression ${what}` })
