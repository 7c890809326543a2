import { Result } from "effect"
import { RE2JS } from "re2js"
import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"
import type { Meter } from "./Meter.ts"

/** One match: where it is, and what its groups hold. */
export interface PatternMatch {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly groups: ReadonlyArray<string | undefined>
}

/** A regular expression on an engine whose time is linear in the text, whatever the pattern. */
export class Pattern {
  private readonly compiled: RE2JS
  private readonly size: number

  private constructor(compiled: RE2JS) {
    this.compiled = compiled
    this.size = compiled.programSize()
  }

  /** Lookaheads and back-references are refused: no engine runs them in linear time. */
  static compile(expression: RegExp): Result.Result<Pattern, string> {
    if (expression.source.length > Limits.patternCharacters) {
      return Result.fail(`The regular expression is longer than ${Limits.patternCharacters} characters`)
    }
    if (repeated(expression.source) > Limits.patternInstructions) return Result.fail(tooLarge)
    const flags = (expression.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (expression.multiline ? RE2JS.MULTILINE : 0)
    try {
      const compiled = RE2JS.compile(RE2JS.translateRegExp(expression), flags)
      return compiled.programSize() > Limits.patternInstructions
        ? Result.fail(tooLarge)
        : Result.succeed(new Pattern(compiled))
    } catch {
      return Result.fail("The regular expression is not supported: lookaheads and back-references are not")
    }
  }

  /** Finds matches in a text; the meter counts every character that the engine reads. */
  matcher(text: string, meter: Meter): (from: number) => PatternMatch | undefined {
    // SAFETY: the engine takes text objects as it takes texts; its types don't say so.
    const matcher = this.compiled.matcher(new CountedText(text, meter, this.size) as unknown as string)
    return (from) => {
      if (!matcher.find(from)) return undefined
      const groups = Array.from({ length: matcher.groupCount() }, (_, index) => matcher.group(index + 1) ?? undefined)
      return { text: matcher.group() ?? "", start: matcher.start(), end: matcher.end(), groups }
    }
  }
}

/** A text that counts its reading: at each character the engine may follow as many threads as the pattern has instructions. */
class CountedText extends String {
  private readonly meter: Meter
  private readonly cost: number

  constructor(text: string, meter: Meter, patternSize: number) {
    super(text)
    this.meter = meter
    this.cost = 1 + patternSize
  }

  override charCodeAt(index: number): number {
    this.meter.work(this.cost)
    return super.charCodeAt(index)
  }

  override indexOf(text: string, from: number): number {
    const found = super.indexOf(text, from)
    this.meter.read((found < 0 ? this.length : found) - from)
    return found
  }
}

const tooLarge = "The regular expression is too large"

/** How often at most a part is written out by `{n}` inside `{n}`, told without compiling it. */
const repeated = (source: string): number =>
  source.length +
  [...source.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].reduce((sum, [, from, to]) => sum + Number(from) + Number(to ?? 0), 0)
