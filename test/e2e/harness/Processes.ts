import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

/** A process of this machine. */
export interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

const all = (): ReadonlyArray<Process> =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,comm="], { encoding: "utf8" }).split("\n").flatMap((line) => {
    const [, pid, parent, state, command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    // A zombie has ended: only its parent has not looked yet.
    return pid === undefined || state?.startsWith("Z") ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  })

/** A process and all that it started, itself or through others, parents first. */
export const familyOf = (pid: number): ReadonlyArray<Process> => {
  const processes = all()
  const family = processes.filter((process) => process.pid === pid)
  for (const member of family) family.push(...processes.filter(({ parent }) => parent === member.pid))
  return family
}

export const isAlive = (pid: number): boolean => all().some((process) => process.pid === pid)

/** Sends SIGKILL. A process that has gone already is no fault. */
export const killHard = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // it has gone
  }
}

/** How much processor time a process has taken so far, in milliseconds; of one that has gone, nothing. Linux alone. */
export const cpuMillis = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
    return (Number(fields[11]) + Number(fields[12])) * millisPerTick
  } catch {
    return 0
  }
}

/** Linux tells processor time in hundredths of a second. */
const millisPerTick = 10
