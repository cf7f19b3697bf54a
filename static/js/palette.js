// Ctrl+K: places and commands by name at once, orders and everything else from the server while one types.
const palette = document.getElementById("palette");
const input = palette?.querySelector("input[name=q]");
const found = document.getElementById("palette-found");
const PAUSE = 150;
let timer = 0;
let asked = 0;

export function openPalette(text = "") {
  if (!palette || palette.open) return;
  commands();
  palette.showModal();
  input.value = text;
  narrow();
  input.focus();
}

function options() {
  return [...palette.querySelectorAll("[role=option]")].filter((option) => !option.closest("[hidden]"));
}

function commands() {
  const group = document.getElementById("palette-actions");
  group.querySelectorAll("[role=option]").forEach((option) => option.remove());
  document.querySelectorAll("main .page-head .actions a[href]").forEach((link, n) => {
    const option = document.createElement("a");
    Object.assign(option, { href: link.href, id: `palette-action-${n}`, textContent: link.textContent.trim() });
    option.setAttribute("role", "option");
    option.tabIndex = -1;
    group.append(option);
  });
}

function narrow() {
  const words = input.value.trim().toLowerCase();
  for (const id of ["palette-places", "palette-actions"]) {
    const group = document.getElementById(id);
    let any = false;
    group.querySelectorAll("[role=option]").forEach((option) => {
      option.hidden = Boolean(words) && !option.textContent.toLowerCase().includes(words);
      any ||= !option.hidden;
    });
    group.hidden = !any;
  }
  choose(0);
}

function choose(n) {
  const all = options();
  all.forEach((option, i) => option.setAttribute("aria-selected", String(i === n)));
  all[n]?.scrollIntoView({ block: "nearest" });
  if (all[n]?.id) input.setAttribute("aria-activedescendant", all[n].id);
  else input.removeAttribute("aria-activedescendant");
  document.getElementById("palette-nothing").hidden = all.length > 0 || !input.value.trim();
}

async function ask() {
  const words = input.value.trim();
  const mine = ++asked;
  if (!palette.dataset.search || words.length < 2) {
    found.replaceChildren();
    return;
  }
  const answer = await fetch(`${palette.dataset.search}?q=${encodeURIComponent(words)}`, {
    headers: { "HX-Request": "true" },
  }).catch(() => null);
  if (mine !== asked || !answer?.ok) return;
  found.innerHTML = await answer.text();
  found.querySelectorAll("[role=option]").forEach((option, n) => (option.id = `palette-hit-${n}`));
  choose(0);
}

if (palette) {
  input.addEventListener("input", () => {
    narrow();
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose((now + (event.key === "ArrowDown" ? 1 : all.length - 1)) % Math.max(all.length, 1));
    } else if (event.key === "Enter" && all[now]) {
      event.preventDefault();
      all[now].click();
    }
  });
  document.querySelector("[data-palette] input")?.addEventListener("click", (event) => {
    if (matchMedia("(pointer: coarse)").matches) return;
    const text = event.target.value;
    event.target.blur();
    openPalette(text);
  });
}
