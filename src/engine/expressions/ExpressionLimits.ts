/** What one expression may cost, with the unit in each name. CPU time can't be read in a Worker, so everything is counted. */
export const ExpressionLimits = {
  /** Length of an expression's text. */
  textCharacters: 10_000,
  /** How deeply an expression's brackets and operands may nest. */
  syntaxDepth: 200,
  /** Length of a regular expression, and the size of what it compiles to. */
  patternCharacters: 500,
  patternInstructions: 5_000,
  /** Length of a picture such as `#,##0.00` or `[Y0001]-[M01]`, and of a time that is read with one. */
  pictureCharacters: 128,
  /** Evaluated nodes of the expression. */
  steps: 100_000,
  /** The same, of an expression that is evaluated for each item of a list, for all items together. */
  stepsOverItems: 2_000_000,
  /** Evaluations inside one another. */
  depth: 400,
  /** Elements visited, and characters read (16 for one unit), by everything that is not a step. */
  work: 2_500_000,
  /** The same, for all items of a list together. */
  workOverItems: 25_000_000,
  /** The same, of one function or operator: it gives no turn to others until it is done. */
  workPerStep: 600_000,
  /** Memory asked for by everything together, given back or not. */
  allocatedBytes: 32_000_000,
  /** Length of any text that an expression makes or reads. */
  stringCharacters: 1_000_000,
  /** Length of any array that an expression makes. */
  arrayItems: 100_000,
  /** How deeply a value may nest that is compared, printed or given back. */
  valueDepth: 100,
  /** The result as JSON. */
  outputBytes: 1_900_000,
  /** Steps between two turns of the event loop. */
  stepsPerTurn: 5_000,
  /** Work between two turns of the event loop. */
  workPerTurn: 250_000,
  /** Compiled expressions that are kept. */
  cachedExpressions: 1_000
} as const
