import { assert } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { Keyset, Page } from "../../src/domain/Page.ts"
import { decodeCursor } from "../../src/domain/Page.ts"

/** Asks for page after page, each by the cursor of the one before; between pages `meanwhile` happens. */
export const readPages = Effect.fnUntraced(function*<Item, E, R, E2 = never, R2 = never>(
  list: (after: Keyset | undefined) => Effect.Effect<Page<Item>, E, R>,
  meanwhile: (page: number) => Effect.Effect<unknown, E2, R2>
) {
  const pages: Array<ReadonlyArray<Item>> = []
  let after: Keyset | undefined
  do {
    const page = yield* list(after)
    pages.push(page.items)
    after = page.nextCursor === null ? undefined : placeOf(page.nextCursor)
    yield* meanwhile(pages.length)
  } while (after !== undefined)
  return pages
})

const placeOf = (cursor: string): Keyset => {
  const place = decodeCursor(cursor)
  assert.isTrue(Result.isSuccess(place), "a cursor can be read")
  return Result.getOrThrow(place)
}
