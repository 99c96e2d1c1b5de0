// Lights a note with the lines it is about, and a line with its notes: the innermost brightly, those around it weakly.
// @ts-check
import { lineElements } from "./fragment.js";

/** A note, the lane that its bar runs in, its lines, and the pieces of its bar on them.
 * @typedef {{note: HTMLElement, lane: number, lines: HTMLElement[], bars: Element[]}} Beam */

export function lightNotes() {
  const source = document.querySelector(".source");
  if (!(source instanceof HTMLElement)) {
    return;
  }
  const beams = findBeams();
  /** @type {string[]} */
  let pointed = [];

  function update() {
    light(beams, pointed.length ? pointed : notesAt(beams, document.activeElement));
  }

  source.addEventListener("mousemove", ({ target, movementX, movementY }) => {
    const notes = notesAt(beams, target);
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
      const lane = Number(note.dataset.lane);
      const span = lines.slice(Number(note.dataset.first) - 1, Number(note.dataset.last));
      const bars = span.flatMap((line) => line.querySelector(".bars")?.children[lane] ?? []);
      beams.set(note.id, { note, lane, lines: span, bars });
    }
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
 * @param {Map<string, Beam>} beams
 * @param {EventTarget | null} target
 * @returns {string[]} the ids of the notes there, the innermost first
 */
function notesAt(beams, target) {
  const element = target instanceof Element ? target : null;
  const note = element?.closest(".note");
  if (note) {
    return [note.id];
  }
  const line = element?.closest(".line");
  const around = [...beams.values()].filter(({ lines }) => lines.some((one) => one === line));
  return around.sort((one, other) => other.lane - one.lane).map((beam) => beam.note.id);
}
