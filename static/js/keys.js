// Single keys, off while somebody types, on scan screens, and for good where Preferences say so.
import { openRow, tick, tickAll, walk } from "./lists.js";
import { openPalette } from "./palette.js";

const WAIT = 1200;
let waiting = 0;
const never = document.documentElement.dataset.singleKeys === "off" || document.body.classList.contains("handheld");
// A scanner types letters: where something is scanned, letters are codes.
const off = () => never || document.querySelector("[data-scan-field]");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && event.target.matches("input[type=search]")) {
    if (!event.target.value) event.target.blur();
    return;
  }
  if (off() || types(event.target) || document.querySelector("dialog[open]")) return;
  if (Date.now() < waiting) {
    waiting = 0;
    if (go(event.key)) event.preventDefault();
  } else if (acts(event.key)) {
    event.preventDefault();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) help();
});

function acts(key) {
  switch (key) {
    case "g":
      waiting = Date.now() + WAIT;
      return true;
    case "/":
      return focus(document.querySelector("[data-search-focus]") || document.querySelector(".find input"));
    case "?":
      return help();
    case "j":
    case "ArrowDown":
      return walk(1);
    case "k":
    case "ArrowUp":
      return walk(-1);
    case "o":
      return openRow();
    case "x":
    case "X":
      return tick(key === "X");
    case "a":
      return tickAll();
    case "u":
      return press(document.querySelector("#toasts [data-undo]"));
    case "[":
      return press(document.querySelector("[rel=prev]"));
    case "]":
      return press(document.querySelector("[rel=next]"));
  }
  const own = document.querySelector(`main [data-key="${CSS.escape(key)}"]`);
  return press(own || (/^[1-9]$/.test(key) ? offered()[key - 1] : null));
}

const offered = () =>
  document.querySelectorAll("main [data-choose] :is(input, button, a[href]), main .choices input[type=radio]");

function go(key) {
  return press(document.querySelector(`[data-go="${CSS.escape(key)}"]`));
}

function press(element) {
  element?.click();
  return Boolean(element);
}

function focus(element) {
  element?.focus();
  element?.select?.();
  return Boolean(element);
}

function help() {
  const dialog = document.getElementById("keys");
  if (!dialog) return false;
  const here = document.querySelector("#keys-here dl");
  const own = [...document.querySelectorAll("main [data-key]")];
  here?.replaceChildren(
    ...own.flatMap((element) => {
      const key = document.createElement("dt");
      const word = document.createElement("dd");
      key.append(Object.assign(document.createElement("kbd"), { textContent: element.dataset.key }));
      word.textContent = element.textContent.trim();
      return [key, word];
    }),
  );
  document.getElementById("keys-here").hidden = !own.length;
  dialog.showModal();
  return true;
}

function types(element) {
  return element.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}
