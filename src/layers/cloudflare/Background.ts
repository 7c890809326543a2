import { Context, Effect } from "effect"

/**
 * Does work that the answer needn't wait for. In a Worker that takes the request's own context, so each request brings
 * its own (`fromContext`); elsewhere the work goes on in a fiber that nobody waits for.
 */
export const Background = Context.Reference<{
  readonly run: (work: Effect.Effect<void>) => Effect.Effect<void>
}>("atlasit/layers/cloudflare/Background", {
  defaultValue: () => ({ run: (work) => Effect.asVoid(Effect.forkDetach(work)) })
})

/** Keeps a request's context alive until the work is done. */
export const fromContext = (context: Pick<ExecutionContext, "waitUntil">): typeof Background["Service"] => ({
  run: (work) =>
    Effect.flatMap(
      Effect.context(),
      (services) => Effect.sync(() => context.waitUntil(Effect.runPromiseWith(services)(work)))
    )
})
