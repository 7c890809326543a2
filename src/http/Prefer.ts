import { Limits } from "../domain/Limits.ts"

const wait = /^wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i

/**
 * The seconds that `Prefer: wait=N` (RFC 7240) asks for, at most the service's own; null when it does not ask. Other
 * preferences, and values that mean nothing here, are ignored.
 */
export const preferredWait = (header: string | undefined): number | null => {
  for (const preference of header?.split(",") ?? []) {
    const seconds = wait.exec(preference.trim())?.[1]
    // Of a preference that stands twice the first counts.
    if (seconds !== undefined) return Number(seconds) === 0 ? null : Math.min(Number(seconds), Limits.waitSeconds)
  }
  return null
}
