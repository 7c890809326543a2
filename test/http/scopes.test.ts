import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Option, Redacted } from "effect"
import * as HttpApi from "effect/http-api/HttpApi"
import { allScopes, type Scope, unrestricted } from "../../src/domain/Principal.ts"
import { Api } from "../../src/http/api/Api.ts"
import { Authentication } from "../../src/http/api/Authentication.ts"
import { RequiredScope, ScopeCheck } from "../../src/http/api/Scopes.ts"
import { KeyUnknown } from "../../src/services/Authenticator.ts"
import { problemOf, serve } from "./harness.ts"

/** An endpoint of the API, as its definition tells of it. */
interface Endpoint {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly hasBody: boolean
  readonly isAuthenticated: boolean
  readonly isChecked: boolean
  readonly declared: Scope | undefined
}

const endpoints: ReadonlyArray<Endpoint> = (() => {
  const found: Array<Endpoint> = []
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, group, mergedAnnotations, middleware }) => {
      found.push({
        name: `${group.identifier}.${endpoint.identifier}`,
        method: endpoint.method,
        path: endpoint.path.replace(/:\w+/g, "1"),
        hasBody: endpoint.payload.size > 0,
        isAuthenticated: [...middleware].some(({ key }) => key === Authentication.key),
        isChecked: [...middleware].some(({ key }) => key === ScopeCheck.key),
        declared: Option.getOrUndefined(Context.getOption(mergedAnnotations, RequiredScope))
      })
    }
  })
  return found
})()

/** What each scope is for. */
const intended: Readonly<Record<Scope, ReadonlyArray<string>>> = {
  read: [
    "workflows.validate",
    "workflows.list",
    "workflows.get",
    "workflowVersions.list",
    "workflowVersions.get",
    "schedules.list",
    "schedules.fires",
    "webhooks.list",
    "webhooks.find",
    "executions.list",
    "executions.get",
    "executions.logs",
    "secrets.list",
    "secrets.get",
    "proposals.list",
    "proposals.get"
  ],
  run: ["webhooks.redeliver", "executions.start", "executions.cancel", "executions.retry", "executions.signal"],
  write: [
    "workflows.create",
    "workflows.update",
    "workflows.remove",
    "workflowVersions.restore",
    "schedules.pause",
    "schedules.resume",
    "webhooks.get",
    "webhooks.rotate"
  ],
  admin: [
    "secrets.put",
    "secrets.remove",
    "proposals.approve",
    "proposals.refuse",
    "keys.create",
    "keys.list",
    "keys.get",
    "keys.remove"
  ]
}

/** A service whose keys are named after the scopes that they have. */
const serveScopes = () =>
  serve({
    authenticate: (key) => {
      const names = Redacted.value(key).split(" ")
      const scopes = allScopes.filter((scope) => names.includes(scope))
      return scopes.length === names.length
        ? Effect.succeed({ ...unrestricted(Redacted.value(key), null), scopes })
        : Effect.fail(new KeyUnknown())
    }
  })

const ask = async (
  { fetch }: ReturnType<typeof serveScopes>,
  { hasBody, method, path }: Endpoint,
  scopes: ReadonlyArray<Scope>
) => {
  const body = hasBody ? { body: "{}", headers: { "content-type": "application/json" } } : {}
  const response = await fetch(path, { method, key: scopes.join(" "), ...body })
  const { requestId: _, ...problem } = await problemOf(response)
  return { response, problem }
}

describe("scopes", () => {
  it("are declared by every endpoint that needs a key, and by no other", () => {
    for (const { declared, isAuthenticated, isChecked, name } of endpoints) {
      assert.strictEqual(declared !== undefined, isAuthenticated, `${name} declares a scope`)
      assert.strictEqual(isChecked, isAuthenticated, `${name} is checked`)
    }
    const open = endpoints.filter(({ isAuthenticated }) => !isAuthenticated).map(({ name }) => name)
    assert.sameMembers(open, ["hooks.signed", "hooks.withToken", "system.health"])
  })

  it("are those that are meant", () => {
    const declared = endpoints.flatMap(({ declared, name }) => declared === undefined ? [] : [[name, declared]])
    const expected = allScopes.flatMap((scope) => intended[scope].map((name) => [name, scope]))
    assert.sameDeepMembers(declared, expected)
  })

  for (const endpoint of endpoints.filter(({ isAuthenticated }) => isAuthenticated)) {
    it(`let a key do ${endpoint.name} with ${endpoint.declared}, and with no other`, async () => {
      const service = serveScopes()
      const all = await ask(service, endpoint, allScopes)
      assert.notStrictEqual(all.problem.code, "AUTH-003")
      for (const scope of allScopes) {
        const alone = await ask(service, endpoint, [scope])
        const others = await ask(service, endpoint, allScopes.filter((other) => other !== scope))
        const [open, shut] = scope === endpoint.declared ? [alone, others] : [others, alone]
        assert.deepStrictEqual(open.problem, all.problem, scope)
        assert.strictEqual(shut.response.status, 403, scope)
        assert.include(shut.problem, {
          code: "AUTH-003",
          status: 403,
          detail: `The key has no scope ${endpoint.declared}`
        })
      }
    })
  }

  it("are counted when they are missing", async () => {
    const { fetch } = serveScopes()
    for (const remaining of ["999", "998"]) {
      const response = await fetch("/api/executions", { method: "POST", key: "read" })
      assert.strictEqual(response.status, 403)
      assert.strictEqual(response.headers.get("ratelimit-remaining"), remaining)
    }
  })

  it("are told by the OpenAPI document, with the answer to a key without them", async () => {
    const { paths } = Object(await (await serveScopes().fetch("/openapi.json", { key: null })).json())
    const operations = Object.values(paths).flatMap((path) => Object.values(Object(path)).map(Object))
    assert.lengthOf(operations, endpoints.length)
    for (const { description, operationId, responses, security, ...operation } of operations) {
      const scope = operation["x-required-scope"]
      const needsKey = security.length > 0
      assert.strictEqual(scope !== undefined, needsKey, operationId)
      assert.strictEqual(Object.hasOwn(responses, "403"), needsKey, operationId)
      if (!needsKey) continue
      assert.include(description, `Needs the scope \`${scope}\`.`)
      assert.include(JSON.stringify(responses["403"]), "AUTH-003")
    }
  })
})
