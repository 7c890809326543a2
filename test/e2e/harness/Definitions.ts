/** A step that calls an address. */
export const callStep = (id: string, order: number, url: string) => ({
  id,
  type: "http-request",
  order,
  config: { url }
})

/** The body that makes a workflow. */
export const definition = (tenantId: string, name: string, steps: ReadonlyArray<unknown>) => ({ tenantId, name, steps })
