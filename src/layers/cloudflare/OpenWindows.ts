import type { FixedWindow } from "./FixedWindow.ts"
import { isOpen } from "./FixedWindow.ts"

/** Below so many keys, closed windows stay in memory. */
const minimumSweep = 10_000

/**
 * What an isolate knows of keys. When there are twice as many as were open at the last sweep, those whose windows are
 * closed go: so a new key costs a look at two others on average, however many are open.
 */
export class OpenWindows<Counter extends { readonly window: FixedWindow | undefined }> {
  private readonly counters = new Map<string, Counter>()
  private sweepAt = minimumSweep

  get(key: string): Counter | undefined {
    return this.counters.get(key)
  }

  add(key: string, counter: Counter, now: number): void {
    if (this.counters.size >= this.sweepAt) {
      for (const [known, { window }] of this.counters) if (!isOpen(window, now)) this.counters.delete(known)
      this.sweepAt = Math.max(minimumSweep, 2 * this.counters.size)
    }
    this.counters.set(key, counter)
  }
}
