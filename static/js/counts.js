// The numbers in the rail: one small request while somebody looks, none while the page is hidden.
const EVERY = 20000;
const url = document.body.dataset.counts;
const places = document.querySelectorAll("[data-count]");
let timer = 0;

async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
  const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.status === 401 || answer?.status === 403 || answer?.redirected) return;
  if (answer?.ok) show(await answer.json());
  timer = setTimeout(look, EVERY);
}

function show(counts) {
  places.forEach((place) => {
    const count = counts[place.dataset.count] || 0;
    const text = !count ? "" : count > 999 ? "999+" : String(count);
    if (place.textContent !== text) place.textContent = text;
  });
}

if (url && places.length) {
  document.addEventListener("visibilitychange", look);
  look();
}
