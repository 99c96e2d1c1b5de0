// Lets the reader choose between the system's colours, light and dark, and remembers the choice.
// @ts-check
import { say } from "./status.js";

const THEMES = ["system", "light", "dark"];

export function offerThemes() {
  const button = document.querySelector("button.theme");
  button?.removeAttribute("hidden");
  button?.addEventListener("click", chooseTheme);
  show();
}

/** Takes the next of the three. */
export function chooseTheme() {
  const next = THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length];
  if (next === "system") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = next;
  }
  try {
    localStorage.setItem("theme", next);
  } catch {
    // a browser that keeps nothing forgets the choice with the page
  }
  show();
  say(`Theme: ${next}`);
}

function current() {
  return document.documentElement.dataset.theme ?? "system";
}

function show() {
  document.querySelector("button.theme span")?.replaceChildren(current());
}
