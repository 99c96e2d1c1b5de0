// Says a short word to the reader, on the screen and through a screen reader.
// @ts-check

const SHOWN = 2500; // milliseconds

let timer = 0;

/** @param {string} text */
export function say(text) {
  const status = document.querySelector(".status");
  if (status) {
    status.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => status.replaceChildren(), SHOWN);
  }
}
