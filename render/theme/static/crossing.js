// Keeps the place when the release is switched: the line one reads leads to its like in the other release.
// @ts-check
import { lineElements, parseLines } from "./fragment.js";

/** From line `first` on, lines lead to `there` and on, for `length` lines; and to `page`, where it is another one.
 * @typedef {[first: number, there: number, length: number, page?: string]} Step */

export function keepPlace() {
  const source = document.querySelector(".source");
  const data = source instanceof HTMLElement ? source.dataset.crossings : undefined;
  if (!data) {
    return;
  }
  /** @type {Record<string, Step[]>} */
  const crossings = JSON.parse(data);
  for (const link of document.querySelectorAll(".releases a")) {
    const steps = crossings[link.textContent?.trim() ?? ""];
    if (link instanceof HTMLAnchorElement && steps) {
      const plain = link.href;
      const lead = () => (link.href = cross(steps, lineInView(), plain));
      link.addEventListener("pointerdown", lead);
      link.addEventListener("focus", lead);
    }
  }
}

/**
 * @param {Step[]} steps in the order of their first lines
 * @param {number} line
 * @param {string} plain the address of the same file
 */
function cross(steps, line, plain) {
  const step = steps.findLast(([first]) => first <= line);
  if (!line || !step) {
    return plain;
  }
  const [first, there, length, page] = step;
  return `${page ?? plain}#L${there + Math.min(line - first, length - 1)}`;
}

/** Opens the switch where one reads, and shuts it with the same key. */
export function offerReleases() {
  const releases = document.querySelector("details.releases");
  if (!(releases instanceof HTMLDetailsElement)) {
    return;
  }
  releases.open = !releases.open;
  releases.classList.toggle("called", releases.open);
  const first = releases.querySelector("a");
  if (releases.open) {
    first?.focus({ preventScroll: true });
    releases.addEventListener("toggle", () => releases.classList.toggle("called", releases.open));
  }
}

/**
 * The line that the address names, unless it was scrolled out of sight: then the first line in sight. 0 if neither is.
 * @returns {number}
 */
function lineInView() {
  const lines = lineElements();
  const named = parseLines(location.hash)?.first ?? noteLine(location.hash.slice(1));
  if (!scrollY || (named && isInView(lines[named - 1]))) {
    return named;
  }
  return lines.findIndex(isInView) + 1;
}

/** @param {string} id */
function noteLine(id) {
  const note = id ? document.getElementById(id) : null;
  return Number(note?.dataset.first ?? 0);
}

/** @param {HTMLElement | undefined} line */
function isInView(line) {
  const box = line?.getBoundingClientRect();
  return box !== undefined && box.top >= 0 && box.bottom <= innerHeight;
}
