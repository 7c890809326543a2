/**
 * Whether a host is one that a tenant must not reach: loopback, private, link-local, unique-local, multicast, reserved
 * or metadata. Takes `URL.hostname`: the parser has already turned decimal, octal, hexadecimal and short spellings of an
 * IPv4 address into dotted decimal, and an IPv6 address into brackets.
 *
 * The ranges are those of the IANA special-purpose address registries (RFC 6890, RFC 4291, RFC 6598), and the one
 * public address at which a cloud serves its machines' metadata (Azure's 168.63.129.16).
 */
export const isInternalHost = (hostname: string): boolean => {
  const host = hostname.toLowerCase().replace(/\.+$/, "")
  if (host.startsWith("[")) return isInternalIpv6(host.slice(1, -1))
  const ipv4 = parseIpv4(host)
  return ipv4 === undefined ? isInternalName(host) : isInternalIpv4(ipv4)
}

/** Names without a dot, and those that stand for the own machine or network (RFC 6761, RFC 6762, RFC 8375). */
const isInternalName = (name: string): boolean =>
  !name.includes(".") || internalDomains.some((domain) => name.endsWith(domain))

const internalDomains = [
  ".localhost",
  ".localdomain",
  ".local",
  ".internal",
  ".intranet",
  ".lan",
  ".home.arpa",
  ".corp",
  ".home"
]

const parseIpv4 = (host: string): number | undefined => {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)
  return match === null ? undefined : match.slice(1).reduce((address, part) => address * 256 + Number(part), 0)
}

const ipv4Ranges: ReadonlyArray<readonly [network: string, bits: number]> = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4]
]

const isInternalIpv4 = (address: number): boolean =>
  ipv4Ranges.some(([network, bits]) => {
    const size = 2 ** (32 - bits)
    return Math.floor(address / size) === Math.floor((parseIpv4(network) ?? 0) / size)
  })

/**
 * Whom requests from a client's address are counted as: its IPv4 address, or the network of 64 bits that its IPv6 address
 * is of, as one client may have all of that. Undefined: it is no address, or the machine's own, which others share.
 */
export const networkOf = (address: string): string | undefined => {
  const url = `http://${address.includes(":") ? `[${address}]` : address}/`
  if (!URL.canParse(url)) return undefined
  const { hostname } = new URL(url)
  const groups = hostname.startsWith("[") ? parseIpv6(hostname.slice(1, -1)) : undefined
  const ipv4 = groups === undefined ? parseIpv4(hostname) : embeddedIpv4(groups)
  if (ipv4 !== undefined) {
    const [first, ...others] = [24, 16, 8, 0].map((bits) => Math.floor(ipv4 / 2 ** bits) % 256)
    return first === 127 ? undefined : [first, ...others].join(".")
  }
  return groups === undefined || groups.join(":") === "0:0:0:0:0:0:0:1"
    ? undefined
    : groups.slice(0, 4).map((group) => group.toString(16)).join(":")
}

const isInternalIpv6 = (text: string): boolean => {
  const groups = parseIpv6(text)
  if (groups === undefined) return true
  const [first = 0, second = 0] = groups
  const embedded = embeddedIpv4(groups)
  if (embedded !== undefined) return isInternalIpv4(embedded)
  // Global unicast is 2000::/3; of it, 2001::/23 and 2001:db8::/32 are special, and 3fff::/20 is documentation.
  if (first < 0x2000 || first > 0x3fff) return true
  return (first === 0x2001 && (second < 0x200 || second === 0xdb8)) || (first === 0x3fff && second < 0x1000)
}

/** The IPv4 address inside a mapped (::ffff:0:0/96), translated (64:ff9b::/96) or 6to4 (2002::/16) one. */
const embeddedIpv4 = (groups: ReadonlyArray<number>): number | undefined => {
  const join = (high: number | undefined, low: number | undefined) => (high ?? 0) * 65_536 + (low ?? 0)
  if (groups[0] === 0x2002) return join(groups[1], groups[2])
  const prefix = groups.slice(0, 6).map((group) => group.toString(16)).join(":")
  return prefix === "0:0:0:0:0:ffff" || prefix === "64:ff9b:0:0:0:0" ? join(groups[6], groups[7]) : undefined
}

/** The eight groups of an address as a URL spells it: hexadecimal, at most one `::`. */
const parseIpv6 = (text: string): ReadonlyArray<number> | undefined => {
  const [head = "", tail] = text.split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined
  const groups = [...left, ...Array<string>(missing).fill("0"), ...right].map((group) => Number.parseInt(group, 16))
  return groups.some(Number.isNaN) ? undefined : groups
}
