import { Context, Effect, Layer } from "effect"
import { Alarm } from "../../services/Alarm.ts"
import { storageErrorOf } from "../Operation.ts"
import { ObjectStorage } from "./Bindings.ts"
import * as JournalTables from "./JournalTables.ts"

/** What a Durable Object tells its alarm. */
export class AlarmClock extends Context.Service<AlarmClock, {
  /** The alarm has rung: the first thing to say in the object's `alarm` method. */
  readonly fired: Effect.Effect<void>
}>()("atlasit/layers/cloudflare/AlarmClock") {}

/** What is known of the object's alarm without asking: its time, that it isn't set, or (after a failure) nothing. */
type Known = { readonly setTo: number | null } | undefined

/**
 * The alarm of a Durable Object. The time is remembered, so that an alarm that rings early enough already costs no write.
 * When it is cleared and the journal is empty, all that the object stores goes.
 */
export const layer: Layer.Layer<Alarm | AlarmClock, never, ObjectStorage> = Layer.effectContext(
  Effect.gen(function*() {
    const storage = yield* ObjectStorage
    let known: Known = { setTo: yield* Effect.promise(() => storage.getAlarm()) }

    // What is known changes before the write is done, so that calls at the same time agree on the earliest.
    const change = (setTo: number | null, write: () => Promise<void>) =>
      Effect.suspend(() => {
        known = { setTo }
        return Effect.tryPromise(write)
      }).pipe(Effect.tapError(() => Effect.sync(() => known = undefined)))

    const setNoLaterThan = Effect.fn("Alarm.setNoLaterThan")(function*(millis: number) {
      if (known !== undefined && known.setTo !== null && known.setTo <= millis) return
      yield* change(millis, () => storage.setAlarm(millis))
    }, storageErrorOf("alarm.setNoLaterThan"))

    const clear = Effect.gen(function*() {
      if (known?.setTo === null && !JournalTables.exist(storage)) return
      yield* change(null, () => JournalTables.areEmpty(storage) ? storage.deleteAll() : storage.deleteAlarm())
    }).pipe(storageErrorOf("alarm.clear"), Effect.withSpan("Alarm.clear"))

    const fired = Effect.sync(() => {
      known = { setTo: null }
    })

    return Context.make(Alarm, { setNoLaterThan, clear }).pipe(Context.add(AlarmClock, { fired }))
  })
)
