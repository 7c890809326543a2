import type { Json } from "effect/Schema"
import { ExpressionFailure } from "./ExpressionFailure.ts"
import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"
import type { Meter } from "./Meter.ts"
import { over } from "./Meter.ts"
import type { Value } from "./Values.ts"
import { isArray, isMembers } from "./Values.ts"

/** A result as plain JSON, in a copy of its own: nothing is null, and so is a missing item of an array. */
export const toJson = (value: Value, meter: Meter): Json => new Copy(meter).of(value, 0)

class Copy {
  private readonly meter: Meter

  constructor(meter: Meter) {
    this.meter = meter
  }

  of(value: Value, depth: number): Json {
    if (depth > Limits.valueDepth) {
      throw over("value-depth", `gives a value that nests deeper than ${Limits.valueDepth}`)
    }
    switch (typeof value) {
      case "string":
        this.add(bytesOf(value))
        return value
      case "number":
        if (!Number.isFinite(value)) throw notJson("a number that is out of range")
        this.add(String(value).length)
        return value === 0 ? 0 : value
      case "boolean":
        this.add(value ? 4 : 5)
        return value
      case "undefined":
        this.add(4)
        return null
    }
    if (value === null) {
      this.add(4)
      return null
    }
    if (isArray(value)) {
      this.add(Math.max(2, value.length + 1))
      return Array.from(value, (item) => this.of(item, depth + 1))
    }
    if (!isMembers(value)) throw notJson("a function")
    const result: Record<string, Json> = {}
    this.add(2)
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue
      this.add(bytesOf(name) + 2)
      const json = this.of(member, depth + 1)
      if (name === "__proto__") {
        Object.defineProperty(result, name, { value: json, enumerable: true, configurable: true, writable: true })
      } else result[name] = json
    }
    return result
  }

  private add(bytes: number): void {
    this.meter.output(bytes)
  }
}

const notJson = (what: string): ExpressionFailure =>
  new ExpressionFailure({ code: "not-json", message: `The expression gives ${what}, which is not JSON` })

/** How many bytes a text takes in JSON. */
const bytesOf = (text: string): number =>
  plain.test(text) ? text.length + 2 : encoder.encode(JSON.stringify(text)).length

const plain = /^[ !#-[\]-~]*$/
const encoder = new TextEncoder()
