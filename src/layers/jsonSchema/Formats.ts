/** The formats that are checked; any other is an annotation. Each check is linear in the text. */
export interface Format {
  readonly expected: string
  readonly fits: (text: string) => boolean
}

const dateParts = /^(\d{4})-(\d\d)-(\d\d)$/
const timeParts = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|([+-])(\d\d):(\d\d))$/i
const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const uri = /^[a-z][a-z\d+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})*$/i
const local = /^(?:[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*|"(?:[^"\\\r\n]|\\[^\r\n])*")$/
const label = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i
const octet = /^(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/
const group = /^[\da-f]{1,4}$/i

/** RFC 3339, section 5.6, full-date. */
const isDate = (text: string): boolean => {
  const [, year, month, day] = dateParts.exec(text) ?? []
  if (year === undefined) return false
  const days = daysOf(Number(year), Number(month))
  return Number(day) >= 1 && Number(day) <= days
}

const daysOf = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [31, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
}

/** RFC 3339, section 5.6, full-time. A leap second comes at the end of a day in UTC. */
const isTime = (text: string): boolean => {
  const [, hour, minute, second, sign, offsetHour = 0, offsetMinute = 0] = timeParts.exec(text) ?? []
  if (hour === undefined) return false
  const [h, m, s, oh, om] = [hour, minute, second, offsetHour, offsetMinute].map(Number) as [
    number,
    number,
    number,
    number,
    number
  ]
  if (h > 23 || m > 59 || s > 60 || oh > 23 || om > 59) return false
  const offset = (oh * 60 + om) * (sign === "-" ? -1 : 1)
  return s < 60 || (h * 60 + m - offset + 2 * minutesOfDay) % minutesOfDay === minutesOfDay - 1
}

const minutesOfDay = 1_440

const isDateTime = (text: string): boolean =>
  /^[t]$/i.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11))

const isIpv4 = (text: string): boolean => {
  const octets = text.split(".", 5)
  return octets.length === 4 && octets.every((part) => octet.test(part))
}

/** RFC 4291, section 2.2: eight groups, `::` once for one or more of them, the last two perhaps as IPv4. */
const isIpv6 = (text: string): boolean => {
  const halves = text.split("::", 3)
  if (text.length > 45 || halves.length > 2) return false
  const parts = halves.map((half) => half === "" ? [] : half.split(":"))
  const last = parts.at(-1)?.at(-1)
  const endsInIpv4 = last !== undefined && isIpv4(last)
  const groups = parts.flat()
  const size = groups.length + (endsInIpv4 ? 1 : 0)
  return groups.every((part, index) => group.test(part) || (endsInIpv4 && index === groups.length - 1)) &&
    (halves.length === 2 ? size < 8 : size === 8)
}

const isEmail = (text: string): boolean => {
  const at = text.lastIndexOf("@")
  const [name, host] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || name.length > 64 || host.length > 253 || !local.test(name)) return false
  if (!host.startsWith("[") || !host.endsWith("]")) return host.split(".").every((part) => label.test(part))
  const address = host.slice(1, -1)
  return /^ipv6:/i.test(address) ? isIpv6(address.slice(5)) : isIpv4(address)
}

/** Brackets stand only around an address: right after the slashes and the user, if any. */
const isUri = (text: string): boolean => {
  if (!uri.test(text)) return false
  const [, authority, rest = ""] = /^[^:]*:\/\/([^/?#]*)(.*)$/s.exec(text) ?? [undefined, undefined, text]
  return !/[[\]]/.test(rest) && (rest.split("#", 3).length < 3) &&
    (authority === undefined || /^(?:[^@[\]]*@)?(?:\[[\da-f:.]+\]|[^@[\]:]*)(?::\d*)?$/i.test(authority))
}

/** By the names that JSON Schema gives them. */
export const formats: ReadonlyMap<string, Format> = new Map([
  ["date-time", { expected: "a date and time such as 2026-01-31T12:00:00Z", fits: isDateTime }],
  ["date", { expected: "a date such as 2026-01-31", fits: isDate }],
  ["time", { expected: "a time such as 12:00:00Z", fits: isTime }],
  ["email", { expected: "an e-mail address", fits: isEmail }],
  ["uri", { expected: "a URI such as https://example.com/path", fits: isUri }],
  ["uuid", { expected: "a UUID", fits: (text) => uuid.test(text) }],
  ["ipv4", { expected: "an IPv4 address", fits: isIpv4 }],
  ["ipv6", { expected: "an IPv6 address", fits: isIpv6 }]
])
