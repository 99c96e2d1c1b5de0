// Follows the builds: reloads the page once its site has changed, and shows over it why a build gave no site.

const digest = new URL(import.meta.url).search.slice(1); // of the site that this page came of; empty before the first
let stream = null;
let shown = null;

// Browsers grant a server six connections, so only the tabs that are seen hold one; the others catch up when seen.
function follow() {
  stream?.close();
  stream = null;
  if (!document.hidden) {
    stream = new EventSource("/-/events");
    stream.addEventListener("message", (event) => react(JSON.parse(event.data)));
  }
}

function react({ site, failure }) {
  if (site !== digest) {
    location.reload();
  } else if (failure !== shown) {
    shown = failure;
    show(failure);
  }
}

function show(failure) {
  const page = document.querySelector("main.build-failure");
  const overlay = document.querySelector("dialog.build-failure");
  if (page) {
    page.innerHTML = failure;
  } else {
    overlay?.remove();
    if (failure) {
      openOverlay(failure);
    }
  }
}

function openOverlay(failure) {
  const dialog = document.createElement("dialog");
  dialog.className = "build-failure";
  dialog.setAttribute("aria-label", "The build failed");
  dialog.innerHTML = failure;
  const button = document.createElement("button");
  button.textContent = "Close";
  button.addEventListener("click", () => dialog.close());
  dialog.prepend(button);
  document.body.append(dialog);
  dialog.showModal();
}

const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = "/-/live.css";
document.head.append(sheet);
document.addEventListener("visibilitychange", follow);
follow();
