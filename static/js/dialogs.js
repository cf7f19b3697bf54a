// a[data-dialog] opens its page's part in the dialog; without JavaScript it is a plain link.
const dialog = document.getElementById("dialog");

document.addEventListener("click", async (event) => {
  const closer = event.target.closest("[data-close]");
  if (closer) {
    const open = closer.closest("dialog[open]");
    if (open) open.close();
    else history.back();
    return;
  }
  if (event.target.closest("[data-print]")) window.print();
  const link = event.target.closest("a[data-dialog]");
  if (!link || !dialog || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  await open(link);
});

async function open(link) {
  link.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
    const type = answer.headers.get("Content-Type") || "";
    if (!answer.ok || !type.includes("html")) throw new Error(String(answer.status));
    const content = document.getElementById("dialog-content");
    content.innerHTML = await answer.text();
    window.htmx?.process(content);
    dialog.showModal();
    content.querySelector("input:not([type=hidden]), select, textarea, button[type=submit]")?.focus();
  } catch {
    location.assign(link.href);
  } finally {
    link.removeAttribute("aria-busy");
  }
}

// A click on the backdrop closes; the dialog itself has no padding.
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (dialog?.open && event.detail.target?.id === "main") dialog.close();
});
// A refused form in the dialog comes back into the dialog, with its errors.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (dialog?.open && event.detail.xhr.status === 422 && dialog.contains(event.detail.requestConfig.elt)) {
    event.detail.target = document.getElementById("dialog-content");
    event.detail.swapOverride = "innerHTML";
    event.detail.shouldSwap = true;
  }
});
