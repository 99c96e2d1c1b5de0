// Shows the experiments on one topic, and keeps that topic in the address.
// @ts-check

export function offerTopics() {
  const choices = document.querySelector(".choices");
  if (!(choices instanceof HTMLElement)) {
    return;
  }
  choices.hidden = false;
  document.querySelector(".topics")?.setAttribute("hidden", "");
  choices.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button");
    if (button) {
      const topic = button.dataset.topic ?? "";
      history.replaceState(null, "", topic ? `#${topic}` : location.pathname + location.search);
      showTopic(choices, topic);
    }
  });
  addEventListener("hashchange", () => followAddress(choices));
  followAddress(choices);
}

/** @param {HTMLElement} choices */
function followAddress(choices) {
  const topic = location.hash.slice(1);
  const known = [...choices.querySelectorAll("button")].some((button) => button.dataset.topic === topic);
  if (known) {
    showTopic(choices, topic);
  }
}

/**
 * @param {HTMLElement} choices
 * @param {string} topic the id of its heading, or "" for all topics
 */
function showTopic(choices, topic) {
  for (const button of choices.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.topic === topic));
  }
  for (const part of document.querySelectorAll("tbody[data-topic]")) {
    part.toggleAttribute("hidden", topic !== "" && part.getAttribute("data-topic") !== topic);
  }
}
