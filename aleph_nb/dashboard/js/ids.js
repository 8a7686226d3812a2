/** Task ids and labels out of a text or a file, by the rules of the Python rooms `ids` and `tables`. */

/**
 * @typedef {{ids: string[], labels: Object<string, Object<string, string>>, notes: string[]}} Asked
 *   `labels` has an entry for each id that has any
 */

/**
 * Read the ids of pasted text: a table with a header, JSON, or words.
 * @param {string} text
 * @returns {Asked}
 * @throws {Error} with a message for the reviewer, where it looks like a table or JSON and cannot be read
 */
export function readIdText(text) { return { ids: [], labels: {}, notes: [] }; }

/**
 * Read the ids of a file.
 * @param {string} name
 * @param {Uint8Array|ArrayBuffer} content
 * @returns {Asked}
 * @throws {Error} with a message for the reviewer
 */
export function readIdFile(name, content) { return { ids: [], labels: {}, notes: [] }; }
