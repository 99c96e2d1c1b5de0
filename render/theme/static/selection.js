// Keeps notes out of what is selected and copied from the code: they stand between its lines in the document.
// @ts-check

export function keepSelectionInCode() {
  const source = document.querySelector(".source");
  document.addEventListener("selectstart", (event) => source?.classList.toggle("selecting", isInLine(event.target)));
  document.addEventListener("pointerdown", (event) => source?.classList.toggle("dragging", isInLine(event.target)));
  document.addEventListener("pointerup", () => source?.classList.remove("dragging"));
  document.addEventListener("copy", (event) => {
    const text = source?.classList.contains("selecting") ? selectedLines() : "";
    if (text && event.clipboardData) {
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
    }
  });
}

/** @param {EventTarget | null} target */
function isInLine(target) {
  const element = target instanceof Node && !(target instanceof Element) ? target.parentElement : target;
  return element instanceof Element && element.closest(".line") !== null;
}

/** The selected text of several lines; nothing while the selection lies inside one, which the browser copies well. */
function selectedLines() {
  const selection = getSelection();
  const lines = [];
  for (let index = 0; index < (selection?.rangeCount ?? 0); index++) {
    const part = selection?.getRangeAt(index).cloneContents();
    lines.push(...(part?.querySelectorAll(".line > code") ?? []));
  }
  return lines.map((line) => line.textContent).join("\n");
}
