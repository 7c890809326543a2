const quote = 0x22
const backslash = 0x5c

/** Whether arrays and objects nest deeper than `limit` in a JSON text of UTF-8. One pass; the text need not be valid. */
export const isDeeperThan = (text: Uint8Array, limit: number): boolean => {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const byte = text[index]
    if (inString) {
      if (byte === backslash) index++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limit) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}
