// Reads and spells the addresses of lines: #L12 and #L12-L14.
// @ts-check

/**
 * @param {string} hash
 * @returns {{first: number, last: number} | null}
 */
export function parseLines(hash) {
  const found = /^#L(\d+)(?:-L(\d+))?$/.exec(hash);
  return found && { first: Number(found[1]), last: Number(found[2] ?? found[1]) };
}

/**
 * @param {number} first
 * @param {number} last
 */
export function spell(first, last) {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}

/**
 * The lines of the page that have addresses, in their order: all those of a file, so line 1 is the first.
 * @returns {HTMLElement[]}
 */
export function lineElements() {
  return [...document.querySelectorAll(".line:has(> a[id])")].filter((line) => line instanceof HTMLElement);
}
