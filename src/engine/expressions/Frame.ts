import type { Value } from "./Values.ts"

/** The names that are bound in a part of an expression. */
export class Frame {
  private names: Map<string, Value> | undefined
  private readonly outer: Frame | undefined

  constructor(outer?: Frame, names?: Map<string, Value>) {
    this.outer = outer
    this.names = names
  }

  bind(name: string, value: Value): void {
    this.names ??= new Map()
    this.names.set(name, value)
  }

  /** Frames nest as the expression's text does, so the way out is short. */
  lookup(name: string): Value {
    const value = this.names?.get(name)
    return value !== undefined || this.names?.has(name) === true ? value : this.outer?.lookup(name)
  }
}
