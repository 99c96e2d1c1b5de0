// Copies the address of what the reader has chosen: selected lines, the note that has the focus, or the page as it is.
// @ts-check
import { spell } from "./fragment.js";
import { say } from "./status.js";

export async function copyAddress() {
  const address = new URL(selectedLines() ?? currentPart() ?? location.hash, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    say(`Copied ${address}`);
  } catch {
    say(`The browser refused to copy ${address}`);
  }
}

/** @returns {string | null} */
function selectedLines() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed) {
    return null;
  }
  const ends = [selection.anchorNode, selection.focusNode].map(numberOf).sort((one, other) => one - other);
  return ends[0] ? spell(ends[0], ends[1]) : null;
}

/**
 * @param {Node | null} node
 * @returns {number} of the line that the node is in, 0 for none
 */
function numberOf(node) {
  const element = node instanceof Element ? node : node?.parentElement;
  return Number(element?.closest(".line")?.querySelector("a[id]")?.textContent ?? 0);
}

/** @returns {string | null} */
function currentPart() {
  const part = document.activeElement?.closest(".note, .step");
  return part ? `#${part.id}` : null;
}
