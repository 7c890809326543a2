/** What stands after the path of a step (`loop[3].call`) in the path of what undoes it. */
export const undoSuffix = ":undo"

/** Whether a path is that of what undoes a step, or of a step inside of that. */
export const isUndoPath = (path: string): boolean => path.includes(undoSuffix)

/** The step that is undone under this path; undefined: it is not the path of an undo. */
export const undoneBy = (path: string): string | undefined =>
  path.endsWith(undoSuffix) ? path.slice(0, -undoSuffix.length) : undefined

/** The branches that a step stands in, with the steps that hold them, from the inside out: `loop[3].` and `loop`. */
export const placesOf = (path: string): ReadonlyArray<{ readonly branch: string; readonly holder: string }> => {
  const places = []
  for (let dot = path.lastIndexOf("."); dot > 0;) {
    const end = Math.max(path.lastIndexOf(".", dot - 1), path.lastIndexOf("[", dot - 1))
    places.push({ branch: path.slice(0, dot + 1), holder: path.slice(0, end) })
    dot = path.lastIndexOf(".", end - 1)
  }
  return places
}
