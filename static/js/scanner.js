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

// Right and wrong differ for the eye, the ear and the hand. Wrong stays red until the next scan.
const RIGHT = { ok: [[1320, 0.07]], line: [[988, 0.08], [1320, 0.1]], done: [[784, 0.09], [988, 0.09], [1320, 0.16]] };
const WRONG = [[196, 0.22], [196, 0.22]];
const FLASH = 700;

function tell() {
  const said = document.querySelector("#scan-said[data-tone]") || (field() && document.querySelector("main .note[data-tone=bad]"));
  if (!said || said.dataset.told) return;
  said.dataset.told = "1";
  const wrong = said.dataset.tone === "bad";
  const flash = wrong ? "wrong" : said.dataset.flash || "ok";
  document.body.dataset.flash = flash;
  if (!wrong) setTimeout(() => document.body.dataset.flash === flash && delete document.body.dataset.flash, FLASH);
  navigator.vibrate?.(wrong ? [120, 60, 120] : 40);
  if (document.body.dataset.sound !== "off") play(wrong ? WRONG : RIGHT[flash] || RIGHT.ok);
}

let audio;
function play(notes) {
  try {
    audio ??= new AudioContext();
    let start = audio.currentTime;
    for (const [frequency, seconds] of notes) {
      const tone = audio.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(audio.destination);
      tone.start(start);
      tone.stop(start + seconds);
      start += seconds + 0.04;
    }
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
