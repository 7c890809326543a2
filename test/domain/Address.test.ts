import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { isInternalHost } from "../../src/domain/Address.ts"

/** Whether an address is refused: by the URL parser, or because its host is internal. */
const isRefused = (address: string): boolean => !URL.canParse(address) || isInternalHost(new URL(address).hostname)

const internal: Record<string, ReadonlyArray<string>> = {
  "loopback": [
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0X7F.0.0.1/",
    "http://0177.0.0.1/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.1./",
    "http://127.0.0.1../",
    "http://%31%32%37.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:FFFF:7F00:0001]/",
    "http://[::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/"
  ],
  "unspecified": [
    "http://0/",
    "http://0.0.0.0/",
    "http://0x0/",
    "http://0.1.2.3/",
    "http://[::]/",
    "http://[::ffff:0.0.0.0]/"
  ],
  "private": [
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://0xa.0.0.1/",
    "http://012.0.0.1/",
    "http://167772161/",
    "http://10.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://192.168.255.255/",
    "http://192.168.257/",
    "http://3232235777/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:c0a8:101]/",
    "http://[2002:c0a8:101::1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://100.64.0.1/",
    "http://100.127.255.255/"
  ],
  "link-local": [
    "http://169.254.1.1/",
    "http://[fe80::1]/",
    "http://[FE80::1]/",
    "http://[febf::1]/",
    "http://[fe80::1%25eth0]/"
  ],
  "unique-local": [
    "http://[fc00::1]/",
    "http://[fd12:3456:789a::1]/",
    "http://[FDFF::]/",
    "http://[fec0::1]/"
  ],
  "multicast and reserved": [
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[ff02::1]/",
    "http://[ff0e::1]/",
    "http://192.0.0.1/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://[2001:db8::1]/",
    "http://[2001::1]/",
    "http://[2001:10::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/"
  ],
  "metadata": [
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0xA9.0xFE.0xA9.0xFE/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://169.254.169.254./",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[fd00:ec2::254]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://168.63.129.16/",
    "http://metadata.google.internal/",
    "http://METADATA.google.INTERNAL./",
    "http://metadata/"
  ],
  "names of the own machine or network": [
    "http://localhost/",
    "http://LOCALHOST/",
    "http://LocalHost:3000/",
    "http://localhost./",
    "http://localhost../",
    "http://localhost%2e/",
    "http://%6c%6fcalhost/",
    "http://ⓛocalhost/",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://api.localhost/",
    "http://a.b.localhost./",
    "http://localhost.localdomain/",
    "http://printer.local/",
    "http://db.internal/",
    "http://host.docker.internal/",
    "http://kubernetes.default.svc.cluster.local/",
    "http://router.lan/",
    "http://nas.home.arpa/",
    "http://wiki.corp/",
    "http://wiki.intranet/",
    "http://nas.home/",
    "http://redis:6379/",
    "http://database/",
    "http://com/",
    "http://com./"
  ],
  "not an address at all": [
    "http://256.256.256.256/",
    "http://1.2.3.4.5/",
    "http://0x100000000/",
    "http://localhost%00/",
    "http://[::1/",
    "http://[::g]/",
    "http://./",
    "http:///"
  ]
}

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
