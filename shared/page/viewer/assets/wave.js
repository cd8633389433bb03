// The waveform is for the eye and the pointer: keys and screen readers have the
// player's slider.
const bar = 2, gap = 1; // pixels

export function wave(strip, media) {
  const peaks = [...strip.dataset.peaks].map((digit) => (digit.charCodeAt() - 63) / 63);
  const length = Number(strip.dataset.length); // the browser may not know it
  strip.innerHTML = '<svg><clipPath id="bars"><path/></clipPath><g clip-path="url(#bars)"><rect width="100%" height="100%"/><rect class="played" height="100%"/></g></svg>';
  const path = strip.querySelector("path"), played = strip.querySelector(".played");

  new ResizeObserver(() => {
    const height = strip.clientHeight, n = Math.floor((strip.clientWidth + gap) / (bar + gap));
    let d = "";
    for (let i = 0; i < n; i++) {
      const part = peaks.slice(Math.floor(i * peaks.length / n), Math.ceil((i + 1) * peaks.length / n));
      const tall = Math.max(bar, Math.round(height * Math.max(...part)));
      d += `M${i * (bar + gap)} ${(height - tall) / 2}h${bar}v${tall}h${-bar}z`;
    }
    path.setAttribute("d", d);
  }).observe(strip);

  const show = () => played.setAttribute("width", Math.min(100, 100 * media.currentTime / length) + "%");
  for (const kind of ["timeupdate", "seeking", "loadedmetadata"]) media.addEventListener(kind, show);

  // A finger may only scroll the page from here: nothing is sought when it is
  // put down.
  function seek(e) {
    const box = strip.getBoundingClientRect();
    media.currentTime = length * Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
  }
  strip.addEventListener("pointerdown", (e) => { if (e.button === 0) strip.setPointerCapture(e.pointerId); });
  strip.addEventListener("pointermove", (e) => { if (strip.hasPointerCapture(e.pointerId)) seek(e); });
  strip.addEventListener("click", seek);
}
