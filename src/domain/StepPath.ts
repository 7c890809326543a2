/** What stands after the path of a step (`loop[3].call`) in the path of what undoes it. */
export const undoSuffix = ":undo"

/** Whether a path is that of what undoes a step, or of a step inside of that. */
export const isUndoPath = (path: string): boolean => path.includes(undoSuffix)
