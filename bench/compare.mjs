import { scenariosOf } from "./scenarios.mjs"
import { median, quantile } from "./statistics.mjs"

const operations = ["health", "get", "list", "create", "execute"]

/** Calls one after the other for so long; gives the milliseconds of each. */
const inSequence = async (call, millis) => {
  const times = []
  const end = performance.now() + millis
  while (performance.now() < end) {
    const startedAt = performance.now()
    await call()
    times.push(performance.now() - startedAt)
  }
  return times
}

/** Keeps `concurrency` calls under way for so long; gives calls per second. */
const atOnce = async (call, concurrency, millis) => {
  const startedAt = performance.now()
  const workers = Array.from({ length: concurrency }, () => inSequence(call, millis))
  const count = (await Promise.all(workers)).flat().length
  return count * 1000 / (performance.now() - startedAt)
}

/**
 * Measures every operation at every service, which take turns within each round. Where a placement is placed makes no
 * difference to what doesn't execute, so of ours the first stands for both there.
 */
export const compare = async (
  services,
  items,
  { concurrency, rounds, sequenceMillis, throughputMillis, warmUpMillis }
) => {
  const scenarios = new Map()
  for (const service of services) scenarios.set(service, await scenariosOf(service, items))

  const cells = operations.flatMap((operation) =>
    services
      .filter((service) => operation === "execute" || !service.executesOnly)
      .map((service) => ({ operation, service, call: scenarios.get(service)[operation], rounds: [] }))
  )
  for (const { call } of cells) await atOnce(call, concurrency, warmUpMillis)
  for (let round = 0; round < rounds; round++) {
    for (const cell of round % 2 === 0 ? cells : cells.toReversed()) {
      const times = await inSequence(cell.call, sequenceMillis)
      const perSecond = await atOnce(cell.call, concurrency, throughputMillis)
      cell.rounds.push({ p50: quantile(times, 0.5), p95: quantile(times, 0.95), perSecond })
    }
  }
  return cells
}

/** The medians over the rounds; with a baseline also how many times its values they are, round by round. */
export const table = (cells, baseline) => {
  const measures = ["p50", "p95", "perSecond"]
  const rows = cells.map(({ operation, rounds, service }) => {
    const base = cells.find((cell) => cell.service === baseline && cell.operation === operation)?.rounds
    const values = measures.map((measure) => median(rounds.map((round) => round[measure])))
    const ratios = base === undefined || service === baseline
      ? []
      : measures.map((measure) => median(rounds.map((round, index) => round[measure] / base[index][measure])))
    return [
      operation,
      service.name,
      values[0].toFixed(1),
      values[1].toFixed(1),
      values[2].toFixed(0),
      ...ratios.map((ratio) => `${ratio.toFixed(2)}x`)
    ]
  })
  const ratioTitles = baseline === undefined ? [] : ["p50", "p95", "per s"].map((title) => `${title} / seed`)
  return aligned([["", "", "p50 ms", "p95 ms", "per s", ...ratioTitles], ...rows])
}

const aligned = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)))
  return rows
    .map((row) => row.map((cell, column) => column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
    .map((row) => row.join("  ").trimEnd())
    .join("\n")
}
