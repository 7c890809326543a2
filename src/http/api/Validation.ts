import { Context } from "effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import type { FoundIssue } from "../../domain/Issues.ts"
import type { ProblemCodeWith } from "./Errors.ts"
import { problemWith } from "./Errors.ts"

/** Tells what is wrong with a path, query or header parameter. */
export class ValidParameters extends HttpApiMiddleware.Service<ValidParameters>()(
  "atlasit/http/api/ValidParameters",
  { error: [problemWith(400, "REQUEST-001"), problemWith(500, "INTERNAL-001")] }
) {}

/** Reads the body: JSON, not too large, not too deep. Tells what is wrong with its members. */
export class ValidBody extends HttpApiMiddleware.Service<ValidBody>()(
  "atlasit/http/api/ValidBody",
  { error: [problemWith(400, "REQUEST-001"), problemWith(413, "REQUEST-001"), problemWith(415, "REQUEST-001")] }
) {}

/** Annotates an endpoint whose body may be left out: nothing is then `{}`. */
export class OptionalBody extends Context.Service<OptionalBody, true>()("atlasit/http/api/OptionalBody") {}

/** Annotates an endpoint or group: the codes of a body in which a member is missing, or is not valid. */
export class BodyProblems extends Context.Service<BodyProblems, {
  readonly missing: ProblemCodeWith<400>
  readonly invalid: ProblemCodeWith<400>
  /** What else is wrong with a body whose members are not valid. */
  readonly further?: (body: unknown) => ReadonlyArray<FoundIssue>
}>()("atlasit/http/api/BodyProblems") {}
