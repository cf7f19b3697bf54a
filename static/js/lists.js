// Lists: walk with j and k, open with Enter, tick with x; what is ticked is counted. A row is one large link.
const rows = () => [...document.querySelectorAll("[data-rows] tbody tr")];
let at = -1;

export function walk(step) {
  const all = rows();
  if (!all.length) return false;
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  all.forEach((row, n) => row.classList.toggle("current", n === at));
  all[at].scrollIntoView({ block: "nearest" });
  (all[at].querySelector("a[href]") || all[at]).focus({ preventScroll: true });
  return true;
}

export function openRow() {
  const link = rows()[at]?.querySelector("a[href]");
  link?.click();
  return Boolean(link);
}

let last = 0;
const box = (n) => rows()[n]?.querySelector("input[name=ids]");

// With Shift everything from the last ticked row up to here gets the same.
export function tick(reach) {
  const here = box(at);
  if (!here) return false;
  here.checked = reach ? true : !here.checked;
  for (let n = Math.min(last, at); reach && n <= Math.max(last, at); n++) box(n).checked = true;
  last = at;
  here.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

export function tickAll() {
  const boxes = [...document.querySelectorAll("[data-rows] input[name=ids]")];
  const on = !boxes.every((box) => box.checked);
  boxes.forEach((box) => (box.checked = on));
  boxes[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  return boxes.length > 0;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-list]");
  const told = form?.querySelector("[data-bulk-count]");
  if (!told) return;
  const count = form.querySelectorAll("input[name=ids]:checked").length;
  const all = form.querySelector("[data-bulk-all]")?.checked;
  told.textContent = all ? "All that match:" : count ? `${count} ticked:` : "Tick rows, then:";
});

document.addEventListener("change", (event) => {
  const form = event.target.name === "ids" && event.target.form;
  const button = form && form.querySelector("[data-tick-count]");
  if (!button) return;
  const count = form.querySelectorAll("input[name=ids]:checked").length;
  button.textContent = `${button.dataset.tickCount} ${count || button.dataset.tickNone}`;
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, summary") || getSelection()?.toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
});
document.addEventListener("htmx:afterSwap", () => (at = -1));
