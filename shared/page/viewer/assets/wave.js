// The waveform is for the eye and the pointer: keys and screen readers have the
// player's slider.
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const bar = 2, gap = 1; // pixels

export function wave(strip, media) {
  const peaks = [...strip.dataset.peaks].map((digit) => digits.indexOf(digit) / (digits.length - 1));
  const length = Number(strip.dataset.length); // the browser may not know it
  const add = (to, tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    return to.appendChild(node);
  };
  const svg = add(strip, "svg");
  const bars = add(add(svg, "clipPath", { id: "bars" }), "path");
  const shape = add(svg, "g", { "clip-path": "url(#bars)" });
  add(shape, "rect", { width: "100%", height: "100%" });
  const played = add(shape, "rect", { class: "played", height: "100%" });

  function draw() {
    const height = strip.clientHeight, n = Math.floor((strip.clientWidth + gap) / (bar + gap));
    let d = "";
    for (let i = 0; i < n; i++) {
      const from = Math.floor(i * peaks.length / n), to = Math.ceil((i + 1) * peaks.length / n);
      const tall = Math.max(bar, Math.round(height * Math.max(...peaks.slice(from, to))));
      d += `M${i * (bar + gap)} ${(height - tall) / 2}h${bar}v${tall}h${-bar}z`;
    }
    bars.setAttribute("d", d);
  }
  new ResizeObserver(draw).observe(strip);

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
