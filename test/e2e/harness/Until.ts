import { setTimeout as sleep } from "node:timers/promises"

/** Waits until a condition holds; fails with its name after `seconds`. */
export const until = async (
  name: string,
  seconds: number,
  holds: () => boolean | Promise<boolean>
): Promise<void> => {
  const deadline = Date.now() + seconds * 1000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within ${seconds} s: ${name}`)
    await sleep(50)
  }
}
