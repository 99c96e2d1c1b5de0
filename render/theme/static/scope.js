// Keeps the definitions that one is in at the top of the window: a class, then a function in it.
// @ts-check
import { lineElements, parseLines } from "./fragment.js";

const DEEPEST = 3;

/** @typedef {{entry: HTMLElement, first: number, last: number, line: number}} Definition */

/** @param {(entry: Element | undefined) => void} enter told of the outline's entry whenever another one is entered */
export function followScope(enter) {
  const scope = document.querySelector(".scope");
  const lines = lineElements();
  const definitions = findDefinitions();
  if (!(scope instanceof HTMLElement) || !definitions.length) {
    return;
  }
  scope.hidden = false;
  /** @type {Definition[]} */
  let shown = [];
  /** @type {Element | undefined} */
  let entered;
  let asked = 0;

  function update() {
    asked = 0;
    const above = findAbove(lines, definitions);
    if (above.length !== shown.length || above.some((one, depth) => one !== shown[depth])) {
      scope?.replaceChildren(...above.map((one) => copyLine(lines[one.line - 1])));
      shown = above;
    }
    const inside = around(definitions, lineAt(lines, innerHeight / 4)).at(-1)?.entry;
    if (inside !== entered) {
      entered = inside;
      enter(inside);
    }
  }

  function ask() {
    asked ||= requestAnimationFrame(update);
  }

  addEventListener("scroll", ask, { passive: true });
  addEventListener("resize", ask);
  update();
}

/** @returns {Definition[]} outer ones before those in them */
function findDefinitions() {
  return [...document.querySelectorAll(".outline li")].flatMap((entry) => {
    const address = parseLines(entry.querySelector("a")?.hash ?? "");
    return entry instanceof HTMLElement && address
      ? [{ entry, first: Number(entry.dataset.first), last: Number(entry.dataset.last), line: address.first }]
      : [];
  });
}

/**
 * The definitions that begin above the window and go on in it. Each one found takes a row, and so hides a line more.
 * @param {HTMLElement[]} lines
 * @param {Definition[]} definitions
 */
function findAbove(lines, definitions) {
  const row = parseFloat(getComputedStyle(lines[0]).lineHeight);
  /** @type {Definition[]} */
  let above = [];
  while (above.length < DEEPEST) {
    const top = lineAt(lines, above.length * row + 1);
    const next = around(definitions, top)[above.length];
    if (!next || next.line >= top) {
      break;
    }
    above = [...above, next];
  }
  return above;
}

/**
 * @param {Definition[]} definitions
 * @param {number} line
 */
function around(definitions, line) {
  return definitions.filter((one) => one.first <= line && line <= one.last);
}

/**
 * @param {HTMLElement[]} lines
 * @param {number} y in pixels from the window's upper edge
 * @returns {number} of the first line that ends below it
 */
function lineAt(lines, y) {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle].getBoundingClientRect().bottom > y) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low + 1;
}

/** @param {HTMLElement} line */
function copyLine(line) {
  const copy = document.createElement("a");
  copy.className = "line";
  copy.href = line.querySelector("a")?.hash ?? "";
  copy.tabIndex = -1; // the outline leads there too
  const number = document.createElement("span");
  number.textContent = line.querySelector("a")?.textContent ?? "";
  copy.append(number, line.querySelector("code")?.cloneNode(true) ?? "");
  return copy;
}
