// The player: the spoken word is marked and followed; a word or a time that
// is clicked is played.
import { paint, reveal } from "./text.js";

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

  // Whoever scrolls wants to read elsewhere.
  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => following(false), { passive: true });
  button.addEventListener("click", () => {
    following(!isFollowing());
    last = null;
    mark();
  });

  document.getElementById("speed").addEventListener("change", (e) => { media.playbackRate = Number(e.target.value); });

  document.addEventListener("click", (e) => {
    const link = e.target.closest("a.time");
    if (link) {
      e.preventDefault();
      history.replaceState(null, "", link.hash);
      playFrom(Number(link.hash.slice(3)));
      return;
    }
    if (!e.target.closest(".words") || !getSelection().isCollapsed) return;
    const hit = text.under(e.clientX, e.clientY);
    if (hit) playFrom(hit.word.start / 1000);
  });

  function toHash() {
    const at = Number(/^#t=([0-9.]+)$/.exec(location.hash)?.[1] ?? NaN);
    if (Number.isNaN(at)) return;
    media.currentTime = at;
    const hit = text.at(at * 1000);
    if (!hit) return;
    const range = text.wordRange(hit);
    paint("word", [range]);
    reveal(range);
  }
  addEventListener("hashchange", toHash);
  toHash();
}
