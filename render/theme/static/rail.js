// Keeps the rail at what the page shows: the file in the tree, and in the outline the definition one is in.
// @ts-check

/** Shows where the current file stands in the tree; as a drawer it shuts when the reader has chosen where to go. */
export function settleRail() {
  const rail = document.querySelector(".rail");
  reveal(document.querySelector(".rail [aria-current='page']"), "center");
  rail?.addEventListener("click", (event) => {
    const chosen = event.target instanceof Element && event.target.closest("a");
    if (chosen && rail instanceof HTMLElement && rail.matches(":popover-open")) {
      rail.hidePopover();
    }
  });
}

/** @param {Element | undefined} entry the outline's entry for the innermost definition one is in */
export function markOutline(entry) {
  document.querySelector(".outline [aria-current]")?.removeAttribute("aria-current");
  const link = entry?.querySelector("a") ?? null;
  link?.setAttribute("aria-current", "true");
  reveal(link, "nearest");
}

/**
 * Scrolls the rail, and never the page.
 * @param {Element | null} link
 * @param {"center" | "nearest"} where
 */
function reveal(link, where) {
  const rail = link?.closest(".rail");
  if (!link || !rail) {
    return;
  }
  const [inner, outer] = [link.getBoundingClientRect(), rail.getBoundingClientRect()];
  const hidden = inner.top < outer.top || inner.bottom > outer.bottom;
  if (hidden && outer.height) {
    const middle = inner.top - outer.top - outer.height / 2;
    const edge = inner.top < outer.top ? inner.top - outer.top : inner.bottom - outer.bottom;
    rail.scrollTop += where === "center" ? middle : edge;
  }
}
