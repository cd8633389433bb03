// Search: every place is marked, one at a time is shown.
import { paint, reveal } from "./text.js";

// most places are marked at once: more would make each key slow.
const most = 5000;

export function search(text) {
  const query = document.getElementById("query");
  const count = document.getElementById("count");
  let found = [], here = -1;

  function find() {
    found = [];
    here = -1;
    const wanted = query.value.trim();
    if (wanted) {
      const pattern = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+"), "giu");
      for (const segment of text.segments) {
        if (!segment.element) continue; // it is being written in
        for (const m of segment.element.textContent.matchAll(pattern)) found.push([segment, m.index, m.index + m[0].length]);
        if (found.length >= most) break;
      }
    }
    paint("found", found.map((f) => text.range(...f)));
    step(1);
  }

  function step(by) {
    if (found.length) {
      here = (here + by + found.length) % found.length;
      const [segment, from, to] = found[here];
      if (!segment.element?.isConnected) return find(); // it was written in since
      const range = text.range(segment, from, to);
      paint("here", [range]);
      document.getElementById("follow")?.setAttribute("aria-pressed", "false"); // the match stays in sight
      reveal(range);
    } else {
      paint("here", []);
    }
    count.textContent = found.length ? `${here + 1} of ${found.length}${found.length >= most ? "+" : ""}` : query.value.trim() ? "nothing found" : "";
  }

  let timer = 0;
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 120);
  });
  query.addEventListener("keydown", (e) => {
    if (e.key === "Enter") step(e.shiftKey ? -1 : 1);
  });
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("previous").addEventListener("click", () => step(-1));
}
