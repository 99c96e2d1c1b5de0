// Keys that do something, and the list of them.
// @ts-check

/** @param {Record<string, () => void>} actions by the key that asks for them */
export function bindKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (Object.hasOwn(actions, event.key) && !modified && !event.defaultPrevented && !isBusy(event)) {
      event.preventDefault();
      actions[event.key]();
    }
  });
  offerKeys();
}

export function showKeys() {
  const dialog = keys();
  if (dialog?.open) {
    dialog.close();
  } else {
    dialog?.showModal();
  }
}

function offerKeys() {
  const help = document.querySelector("button.help");
  help?.removeAttribute("hidden");
  help?.addEventListener("click", showKeys);
  const dialog = keys();
  dialog?.addEventListener("click", (event) => {
    const onButton = event.target instanceof Element && event.target.closest(".close");
    if (onButton || event.target === dialog) {
      dialog.close(); // a click beside the box lands on the dialog itself
    }
  });
}

/** @returns {HTMLDialogElement | null} */
function keys() {
  return document.querySelector("dialog.keys");
}

/**
 * Whether the reader is typing, or a dialog is open that the key would not shut.
 * @param {KeyboardEvent} event
 */
function isBusy({ target, key }) {
  const typing = target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]");
  const dialog = document.querySelector("dialog[open]");
  return Boolean(typing) || (dialog !== null && !(dialog === keys() && key === "?"));
}
