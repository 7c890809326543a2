import { assert, describe, it } from "@effect/vitest"
import { TenantId } from "../../src/domain/Ids.ts"
import { maySee, unrestricted } from "../../src/domain/Principal.ts"

const a = TenantId.make("tenant-a")

describe("maySee", () => {
  it("an operator's key sees every tenant", () => {
    assert.isTrue(maySee(unrestricted("k", null), a))
  })

  it("a tenant's key sees its own tenant alone", () => {
    assert.isTrue(maySee(unrestricted("k", a), TenantId.make("tenant-a")))
    for (const other of ["tenant-b", "tenant", "tenant-a1", "Tenant-A", "constructor", "__proto__"]) {
      assert.isFalse(maySee(unrestricted("k", a), TenantId.make(other)), other)
    }
  })
})
