import { execFileSync } from "node:child_process"

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
