const encoder = new TextEncoder()

/** How many bytes a text takes in UTF-8: how SQLite's `octet_length` counts it. Null takes none. */
export const utf8Bytes = (text: string | null): number => text === null ? 0 : encoder.encode(text).length
