// Marks the lines that the address names, and makes addresses of lines that are clicked.
// @ts-check
import { lineElements, parseLines, spell } from "./fragment.js";

/** The number of the line a range grows from, when a second one is clicked with shift. */
let from = 0;

export function markLines() {
  document.documentElement.dataset.marks = ""; // from here on a class marks lines, no longer :target
  document.addEventListener("click", click);
  addEventListener("hashchange", follow);
  follow();
}

/** Marks the lines of the address; a range has no element of its own, so the browser does not scroll to it. */
function follow() {
  const first = mark();
  if (first && !document.getElementById(location.hash.slice(1))) {
    first.scrollIntoView();
  }
}

/** @returns {Element | undefined} the first line marked */
function mark() {
  const span = parseLines(location.hash);
  const marked = span ? lineElements().slice(span.first - 1, span.last) : [];
  for (const line of document.querySelectorAll(".line.marked")) {
    line.classList.remove("marked");
  }
  for (const line of marked) {
    line.classList.add("marked");
  }
  from = span?.first ?? 0;
  return marked[0];
}

/** @param {MouseEvent} event */
function click(event) {
  const number = event.target instanceof Element ? event.target.closest(".line > a[id]") : null;
  if (number && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault(); // the page would jump, and shift would open a window
    const line = Number(number.textContent);
    const start = event.shiftKey && from ? from : line;
    history.pushState(null, "", spell(Math.min(start, line), Math.max(start, line)));
    mark();
    from = start;
  }
}
