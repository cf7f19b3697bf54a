// Forms: sent once, guarded while changed, sent by Ctrl+Enter. Messages that leave by themselves, texts that copy.
const changed = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  changed.delete(form);
  if (!form.hasAttribute("hx-post")) {
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    // A download answers without leaving the page: the form may be used again.
    setTimeout(() => release(form), 8000);
  }
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

function release(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-guard")) changed.add(form);
});
window.addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("form[data-guard]")].some((form) => changed.has(form))) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  try {
    await navigator.clipboard.writeText(copy.textContent.trim());
    say(`Copied ${copy.textContent.trim()}`);
  } catch {
    getSelection()?.selectAllChildren(copy);
  }
});

export function say(text) {
  const place = document.getElementById("announce");
  if (place) place.textContent = text;
}

const STAYS = 7000;
function letLeave(toast) {
  if (toast.dataset.leaving || toast.dataset.tone === "bad") return;
  toast.dataset.leaving = "1";
  setTimeout(() => toast.matches(":hover, :focus-within") ? delete toast.dataset.leaving : toast.remove(), STAYS);
}
const toasts = document.getElementById("toasts");
if (toasts) {
  [...toasts.children].forEach(letLeave);
  new MutationObserver(() => [...toasts.children].forEach(letLeave)).observe(toasts, { childList: true });
}
document.addEventListener("click", (event) => {
  if (event.target.closest(".toast") && !event.target.closest("a, button")) event.target.closest(".toast").remove();
});

// What is marked so takes the focus as it appears: the summary of errors, the heading of a changed part.
function lead(root) {
  root.querySelector("[data-focus]")?.focus();
}
lead(document);
document.addEventListener("htmx:afterSettle", (event) => lead(event.target));

// A request that did not get through says so, with the number by which it is found in the log.
function complain(text) {
  if (!toasts) return;
  const toast = Object.assign(document.createElement("p"), { className: "toast", textContent: text });
  toast.dataset.tone = "bad";
  toasts.append(toast);
}
document.addEventListener("htmx:sendError", () => complain("Not saved: no connection. Try again."));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const id = event.detail.xhr.getResponseHeader("X-Request-Id");
  complain(status === 403 ? "Your role may not do this." : `That did not work (${status}). Request ${id}`);
});
