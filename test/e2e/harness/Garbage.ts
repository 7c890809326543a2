/** A generator of random numbers that gives the same ones for the same seed (mulberry32). */
export const randomOf = (seed: number) => {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  const pick = <A>(choices: readonly [A, ...Array<A>]): A => choices[below(choices.length)] ?? choices[0]
  const chance = (share: number): boolean => next() < share
  return { below, pick, chance }
}
export type Random = ReturnType<typeof randomOf>

const oddValues = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  "",
  " ",
  "a",
  "\u0000",
  "\ud800",
  "💥",
  "__proto__",
  "../../etc",
  "' OR 1=1 --",
  "%",
  "${inputs}",
  "{{",
  "9".repeat(400),
  "x".repeat(5_000),
  [],
  {},
  [[]],
  [null],
  { toString: 1 },
  { constructor: {} },
  "2026-11-22T10:00:00.000Z",
  "https://",
  "http://127.0.0.1:1/",
  "(a+)+$"
] as const

/** JSON with one or more of its values replaced, removed, doubled or renamed. */
export const mutated = (random: Random, value: unknown): unknown => {
  if (random.chance(0.2) || value === null || typeof value !== "object") return random.pick(oddValues)
  if (Array.isArray(value)) {
    const index = random.below(value.length)
    return random.chance(0.2)
      ? [...value, ...value]
      : value.map((item: unknown, at) => at === index ? mutated(random, item) : item)
  }
  const entries = Object.entries(value)
  const chosen = random.below(entries.length)
  return Object.fromEntries(entries.flatMap(([name, member], at) => {
    if (at !== chosen) return [[name, member]]
    const way = random.below(10)
    return way === 0
      ? []
      : way === 1
      ? [[random.pick(["__proto__", "", "constructor", "x"]), member]]
      : [[name, mutated(random, member)]]
  }))
}

/** A text with some of its bytes changed, cut or repeated. */
export const scrambled = (random: Random, text: string): Uint8Array => {
  const bytes = Buffer.from(text)
  for (let times = random.below(4); times >= 0 && bytes.length > 0; times--) {
    bytes[random.below(bytes.length)] = random.below(256)
  }
  return random.chance(0.3) ? bytes.subarray(0, random.below(bytes.length)) : bytes
}

/** A part of a path or a query as somebody who means no good would write it. */
export const oddText = (random: Random): string =>
  random.pick([
    "%00",
    "%ff",
    "%",
    "%2e%2e%2f",
    "..",
    ".",
    "%F0%9F%92%A5",
    "a".repeat(3_000),
    "null",
    "-1",
    "1e9",
    "%25",
    "a%20b",
    "*",
    "constructor",
    "__proto__",
    "bG9nOjE",
    "bG9nOi0x",
    "WyIiLCIiXQ",
    "2026-13-45",
    "2026-11-22T10:00:00Z",
    "%27%3B--",
    ";",
    "//",
    ":id"
  ])

/** A header's value, of visible characters. */
export const oddHeader = (random: Random): string =>
  random.pick([
    "",
    " ",
    ",",
    "*",
    "\"",
    "\"1\"",
    "W/\"1\"",
    "\"1\", \"2\"",
    "wait=0",
    "wait=-1",
    "wait=99999999999",
    "wait=1; wait=2",
    "respond-async",
    "application/json; charset=utf-7",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "gzip",
    "identity",
    "-1",
    "Bearer",
    "Bearer ",
    "Basic Og==",
    "x".repeat(4_000),
    "\u00e9",
    "bytes=0-1",
    "close"
  ])
