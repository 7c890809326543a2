/**
 * Whether a browser's page of another site sends a request, or a name that leads to this machine by a trick (DNS
 * rebinding): `hosts` are the only names to be asked by, without ports; none: whichever name leads here.
 */
export const isForeign = (request: Request, hosts: ReadonlyArray<string>): boolean => {
  const { hostname } = new URL(request.url)
  if (hosts.length > 0 && !hosts.includes(hostname)) return true
  const origin = request.headers.get("origin")
  if (origin === null) return false
  if (!URL.canParse(origin)) return true
  const { hostname: from } = new URL(origin)
  return hosts.length > 0 ? !hosts.includes(from) : from !== hostname
}
