// Lights a note with the lines it is about, and a line with its notes: the innermost brightly, those around it weakly.
// @ts-check
import { lineElements } from "./fragment.js";

/** @typedef {{note: HTMLElement, lines: HTMLElement[], bars: Element[]}} Beam */

export function lightNotes() {
  const source = document.querySelector(".source");
  if (!(source instanceof HTMLElement)) {
    return;
  }
  const beams = findBeams();
  /** @type {string[]} */
  let pointed = [];

  function update() {
    light(beams, pointed.length ? pointed : notesAt(document.activeElement));
  }

  source.addEventListener("mousemove", ({ target, movementX, movementY }) => {
    const notes = notesAt(target);
    if ((movementX || movementY) && notes.join() !== pointed.join()) { // else the page has moved, not the mouse
      pointed = notes;
      update();
    }
  });
  source.addEventListener("mouseleave", () => {
    pointed = [];
    update();
  });
  source.addEventListener("focusin", () => {
    pointed = [];
    update();
  });
  source.addEventListener("focusout", update);
}

/** @returns {Map<string, Beam>} by the note's id */
function findBeams() {
  const lines = lineElements();
  const beams = new Map();
  for (const note of document.querySelectorAll(".note")) {
    if (note instanceof HTMLElement) {
      const span = lines.slice(Number(note.dataset.first) - 1, Number(note.dataset.last));
      beams.set(note.id, { note, lines: span, bars: /** @type {Element[]} */ ([]) });
    }
  }
  for (const bar of document.querySelectorAll(".bar")) {
    beams.get(bar instanceof HTMLElement ? bar.dataset.note : "")?.bars.push(bar);
  }
  return beams;
}

/**
 * @param {Map<string, Beam>} beams
 * @param {string[]} notes their ids, the innermost first
 */
function light(beams, notes) {
  for (const lit of document.querySelectorAll(".lit, .dim")) {
    lit.classList.remove("lit", "dim");
  }
  const [innermost, ...around] = notes.flatMap((id) => beams.get(id) ?? []);
  for (const { note, bars } of around) {
    shine([note, ...bars], "dim");
  }
  if (innermost) {
    shine([innermost.note, ...innermost.bars, ...innermost.lines], "lit");
  }
}

/**
 * @param {Element[]} parts
 * @param {"lit" | "dim"} how
 */
function shine(parts, how) {
  for (const part of parts) {
    part.classList.add(how);
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {string[]} the ids of the notes there, the innermost first
 */
function notesAt(target) {
  const element = target instanceof Element ? target : null;
  const note = element?.closest(".note");
  if (note) {
    return [note.id];
  }
  const bars = element?.closest(".line")?.querySelectorAll(".bar") ?? [];
  return [...bars].flatMap((bar) => (bar instanceof HTMLElement ? (bar.dataset.note ?? []) : [])).reverse();
}
