// Puts the reader's chosen colours on before the first paint; a classic script, since modules wait for the document.
// @ts-check
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
} catch {
  // a browser that keeps nothing shows the system's colours
}
