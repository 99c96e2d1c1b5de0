// Goes from note to note (in a chapter from step to step), and from page to page.
// @ts-check

/** @param {1 | -1} direction */
export function walk(direction) {
  const stops = [...document.querySelectorAll(".note, .step")].filter((stop) => stop instanceof HTMLElement);
  const next = stops[choose(stops, direction)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView();
}

/** @param {"next" | "prev"} relation */
export function turnPage(relation) {
  const link = document.querySelector(`link[rel="${relation}"]`);
  if (link instanceof HTMLLinkElement) {
    location.assign(link.href);
  }
}

/**
 * The index of the stop to go to: beside the one with the focus while that is in view, else the nearest in the view.
 * @param {HTMLElement[]} stops
 * @param {1 | -1} direction
 */
function choose(stops, direction) {
  const focused = stops.findIndex((stop) => stop.contains(document.activeElement));
  if (focused >= 0 && isSeen(stops[focused])) {
    return focused + direction;
  }
  const below = stops.findIndex((stop) => stop.getBoundingClientRect().top > 0);
  const next = below < 0 ? stops.length : below;
  return direction > 0 ? next : next - 1;
}

/** @param {HTMLElement} stop */
function isSeen(stop) {
  const { top, bottom } = stop.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}
