// Scanners type like keyboards: whatever is typed on a scan screen goes to the scan field, and Enter sends it.
const field = () => document.querySelector("[data-scan-field]");

function refocus() {
  if (!document.querySelector("dialog[open]") && !typesElsewhere()) field()?.focus({ preventScroll: true });
}

function typesElsewhere() {
  const now = document.activeElement;
  return now && now !== field() && now.matches("input:not([type=hidden]), textarea, select");
}

document.addEventListener("keydown", (event) => {
  if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) refocus();
});
document.addEventListener("click", (event) => {
  const toggle = event.target.closest("[data-scan-keyboard]");
  if (toggle) {
    const on = toggle.getAttribute("aria-pressed") !== "true";
    toggle.setAttribute("aria-pressed", String(on));
    field().inputMode = on ? "text" : "none";
    field().blur();
    field().focus();
  } else if (!event.target.closest("a, button, input, select, textarea, summary, label")) {
    refocus();
  }
});

function tell() {
  const said = document.getElementById("scan-said");
  const tone = said?.dataset.tone;
  if (!tone || said.dataset.told) return;
  said.dataset.told = "1";
  if (tone === "bad") navigator.vibrate?.([80, 60, 80]);
  if (document.body.dataset.sound !== "off") beep(tone === "bad" ? 220 : 880, tone === "bad" ? 0.3 : 0.08);
}

let audio;
function beep(frequency, seconds) {
  try {
    audio ??= new AudioContext();
    const tone = audio.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + seconds);
  } catch {
    // No sound device: the colour says the same.
  }
}

const queue = document.querySelector("[data-scan-queue]");
function line() {
  if (queue) queue.textContent = navigator.onLine ? "" : "No network: the last scan was not sent";
}
window.addEventListener("online", line);
window.addEventListener("offline", line);
document.addEventListener("htmx:afterSettle", () => {
  tell();
  refocus();
});
tell();
line();
refocus();
