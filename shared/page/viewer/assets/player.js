// The player: the spoken word is marked and followed; a word that is clicked
// is played.
import { paint, reveal } from "./text.js";

// signed is how long the address of the media is good for, with some to spare.
const signed = 14 * 60 * 1000;

export function follow(media, text) {
  const button = document.getElementById("follow");
  let last = null;

  const following = (on) => button.setAttribute("aria-pressed", String(on));
  const isFollowing = () => button.getAttribute("aria-pressed") === "true";

  function mark() {
    const now = text.at(media.currentTime * 1000);
    if (now?.word === last) return;
    last = now?.word ?? null;
    const range = now && text.wordRange(now);
    paint("word", range ? [range] : []);
    if (range && isFollowing() && !media.paused) reveal(range);
  }

  function tick() {
    mark();
    if (!media.paused) requestAnimationFrame(tick);
  }
  media.addEventListener("play", tick);
  media.addEventListener("seeked", mark);
  media.addEventListener("timeupdate", mark); // also where no frame is drawn

  function playFrom(seconds) {
    media.currentTime = seconds;
    following(true);
    media.play().catch(() => {}); // a browser may want a click first: the position is set
  }

  // Whoever scrolls, writes or looks at a match wants to be elsewhere.
  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => following(false), { passive: true });
  // Scroll events would not do: there are some of our own scrolls, and of what
  // is laid out. A press on the window's scroll bar is one on the root, which
  // the body covers; the middle button scrolls from where it is pressed.
  addEventListener("pointerdown", (e) => {
    if (e.target === document.documentElement || e.button === 1 && !e.target.closest("a")) following(false);
  });
  addEventListener("keydown", (e) => {
    if (/^(Page(Up|Down)|Home|End|Arrow(Up|Down))$/.test(e.key) && !e.target.closest("input, textarea, select, audio, video")) following(false);
  });
  addEventListener("focusin", (e) => { if (e.target.closest("textarea, input, .edit")) following(false); });
  button.addEventListener("click", () => {
    following(!isFollowing());
    last = null;
    mark();
  });

  document.getElementById("speed").addEventListener("change", (e) => { media.playbackRate = Number(e.target.value); });

  document.addEventListener("click", (e) => {
    if (!e.target.closest(".words") || !getSelection().isCollapsed) return;
    const hit = text.under(e.clientX, e.clientY);
    if (hit) playFrom(hit.word.start / 1000);
  });

  renew(media);
  return { playFrom, cue: (seconds) => { media.currentTime = seconds; } };
}

// renew asks the media's stable address for a fresh one when the one it led
// to is over, and goes on at the same place. Some browsers only wait then and
// tell of no error.
function renew(media) {
  let since = Date.now(), place = null, failures = 0;
  function again() {
    since = Date.now();
    const { currentTime, playbackRate, paused } = media;
    place ??= { currentTime, playbackRate, paused };
    media.load();
  }
  media.addEventListener("loadedmetadata", () => {
    failures = 0;
    if (!place) return;
    media.currentTime ||= place.currentTime; // unless another was chosen meanwhile
    media.playbackRate = place.playbackRate;
    if (!place.paused) media.play().catch(() => {});
    place = null;
  });
  media.addEventListener("error", () => {
    if (Date.now() - since >= 5000) again();
    else if (failures++ < 6) setTimeout(() => media.error && again(), 2000 * 2 ** failures); // it is not the address
  });
  addEventListener("online", () => media.error && again());
  for (const kind of ["stalled", "waiting"]) media.addEventListener(kind, () => { if (Date.now() - since > signed) again(); });
}
