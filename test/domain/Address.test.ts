import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { isInternalHost, networkOf } from "../../src/domain/Address.ts"
import { internal } from "./InternalAddresses.ts"

/** Whether an address is refused: by the URL parser, or because its host is internal. */
const isRefused = (address: string): boolean => !URL.canParse(address) || isInternalHost(new URL(address).hostname)

const external: ReadonlyArray<string> = [
  "http://1.1.1.1/",
  "http://8.8.8.8:8443/",
  "http://9.255.255.255/",
  "http://11.0.0.0/",
  "http://100.63.255.255/",
  "http://100.128.0.0/",
  "http://126.255.255.255/",
  "http://128.0.0.1/",
  "http://168.63.129.15/",
  "http://169.253.255.255/",
  "http://169.255.0.0/",
  "http://172.15.255.255/",
  "http://172.32.0.0/",
  "http://192.0.1.1/",
  "http://192.167.255.255/",
  "http://192.169.0.0/",
  "http://198.17.255.255/",
  "http://198.20.0.0/",
  "http://203.0.112.255/",
  "http://203.0.114.0/",
  "http://223.255.255.255/",
  "http://134744072/",
  "http://[2606:4700::1111]/",
  "http://[2606:4700:4700:0:0:0:0:1111]/",
  "http://[2001:4860:4860::8888]/",
  "http://[2001:200::1]/",
  "http://[2a00:1450:4001:800::200e]/",
  "http://[::ffff:8.8.8.8]/",
  "http://[::ffff:808:808]/",
  "http://[2002:808:808::1]/",
  "http://[64:ff9b::8.8.8.8]/",
  "http://[3fff:1000::1]/",
  "https://example.com/",
  "https://example.com./",
  "https://EXAMPLE.com:8443/",
  "https://api.example.co.uk/",
  "https://münchen.de/",
  "https://xn--mnchen-3ya.de/",
  "https://xn--n3h.net/",
  "https://localhost.example.com/",
  "https://internal.example.com/",
  "https://my.local.dev/",
  "https://10.example.com/",
  "https://127.0.0.1.example.com/"
]

describe("isInternalHost", () => {
  for (const [kind, addresses] of Object.entries(internal)) {
    describe(`${kind}`, () => {
      for (const address of addresses) it(`refuses ${address}`, () => assert.isTrue(isRefused(address)))
    })
  }

  describe("public addresses", () => {
    for (const address of external) it(`admits ${address}`, () => assert.isFalse(isRefused(address)))
  })
})

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

describe("any IPv4 address", () => {
  it.prop("has one answer in every spelling", { bytes: Schema.Tuple([Byte, Byte, Byte, Byte]) }, ({ bytes }) => {
    const [a, b, c, d] = bytes
    const number = ((a * 256 + b) * 256 + c) * 256 + d
    const hex = (high: number, low: number) => (high * 256 + low).toString(16)
    const spellings = [
      `${number}`,
      `0x${number.toString(16)}`,
      `0${number.toString(8)}`,
      bytes.map((byte) => `0x${byte.toString(16)}`).join("."),
      bytes.map((byte) => `0${byte.toString(8)}`).join("."),
      `${a}.${b}.${c * 256 + d}`,
      `${a}.${(b * 256 + c) * 256 + d}`,
      `${bytes.join(".")}.`,
      bytes.join("%2E"),
      bytes.join("。"),
      `[::ffff:${bytes.join(".")}]`,
      `[::FFFF:${hex(a, b)}:${hex(c, d)}]`,
      `[2002:${hex(a, b)}:${hex(c, d)}::1]`,
      `[64:ff9b::${hex(a, b)}:${hex(c, d)}]`
    ]
    const answer = isRefused(`http://${bytes.join(".")}/`)
    for (const spelling of spellings) assert.strictEqual(isRefused(`http://${spelling}/`), answer, spelling)
  }, { arbitrary: { runs: 300 } })
})

describe("networkOf", () => {
  const cases: ReadonlyArray<readonly [address: string, network: string | undefined]> = [
    ["203.0.113.7", "203.0.113.7"],
    ["10.0.0.1", "10.0.0.1"],
    ["255.255.255.255", "255.255.255.255"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8:1:2::", "2001:db8:1:2"],
    ["2001:0db8:0001:0002:ffff::1", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["fe80::1", "fe80:0:0:0"],
    ["127.0.0.1", undefined],
    ["127.255.0.9", undefined],
    ["::1", undefined],
    ["::ffff:127.0.0.1", undefined],
    ["", undefined],
    ["unknown", undefined],
    ["203.0.113.7, 10.0.0.1", undefined],
    ["2001:db8::1::2", undefined],
    ["fe80::1%eth0", undefined]
  ]
  for (const [address, network] of cases) {
    it(`of ${JSON.stringify(address)} is ${network}`, () => assert.strictEqual(networkOf(address), network))
  }
})
