// Text is the transcript on the page: its words are found by their offsets,
// for an element for each would be too many.
export class Text {
  constructor(root) {
    this.root = root;
    this.find();
  }

  // find reads the segments anew. One that is being written in has no element.
  find() {
    this.segments = [...this.root.querySelectorAll(".segment")].map((row) => ({
      row,
      element: row.querySelector(".words"),
      start: Number(row.dataset.start) * 1000,
    }));
    this.byElement = new Map(this.segments.map((s) => [s.element, s]));
  }

  // words are a segment's: from and to are offsets in its text, start and end
  // milliseconds. They are read when they are first asked for.
  words(segment) {
    if (segment.words) return segment.words;
    let at = 0, time = segment.start;
    const packed = segment.element?.dataset.words;
    segment.words = !packed ? [] : packed.split(" ").map((triple) => {
      const [length, gap, duration] = triple.split(",").map(Number);
      const word = { from: at, to: at + length, start: time + gap, end: time + gap + duration };
      at = word.to;
      time = word.end;
      return word;
    });
    return segment.words;
  }

  // at is the word that is spoken at a time, or was last, or null.
  at(ms) {
    let low = 0, high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.segments[middle].start <= ms) low = middle + 1;
      else high = middle;
    }
    const segment = this.segments[low - 1];
    if (!segment) return null;
    const word = this.words(segment).findLast((w) => w.start <= ms);
    return word ? { segment, word } : null;
  }

  // passage is the one that contains a time: of several the one that began
  // last, and of those the first. Without one it is the last that began
  // before, or the first of all. passageAt in view.go says the same.
  passage(ms) {
    const contains = (s) => s.start <= ms && ms < (this.words(s).at(-1)?.end ?? s.start);
    const one = this.segments.findLast(contains);
    if (one) return this.segments.find((s) => s.start === one.start && contains(s));
    return this.segments.findLast((s) => s.start <= ms) ?? this.segments[0];
  }

  // under is the word at a point of the window, or null.
  under(x, y) {
    const p = document.caretPositionFromPoint?.(x, y);
    const r = p ? null : document.caretRangeFromPoint?.(x, y);
    const hit = p ? this.offset(p.offsetNode, p.offset) : r && this.offset(r.startContainer, r.startOffset);
    if (!hit) return null;
    const words = this.words(hit.segment);
    const word = words.find((w) => hit.offset < w.to) ?? words.at(-1);
    return word ? { segment: hit.segment, word } : null;
  }

  // offset is where in a segment's text a place of the document is, or null.
  offset(node, offset) {
    const element = (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(".words");
    const segment = this.byElement.get(element);
    if (!segment) return null;
    const before = document.createRange();
    before.setStart(element, 0);
    before.setEnd(node, offset);
    return { segment, offset: before.toString().length };
  }

  // range is a stretch of a segment's text.
  range(segment, from, to) {
    const range = document.createRange();
    const walker = document.createTreeWalker(segment.element, NodeFilter.SHOW_TEXT);
    let seen = 0;
    range.selectNodeContents(segment.element);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const next = seen + node.length;
      if (from >= seen && from < next) range.setStart(node, from - seen);
      if (to > seen && to <= next) {
        range.setEnd(node, to - seen);
        break;
      }
      seen = next;
    }
    return range;
  }

  // wordRange is a word without the white space before it.
  wordRange({ segment, word }) {
    const text = segment.element.textContent.slice(word.from, word.to);
    return this.range(segment, word.from + text.length - text.trimStart().length, word.to);
  }
}

// paint marks ranges; a browser without highlights shows none.
export function paint(name, ranges) {
  if (globalThis.CSS?.highlights) CSS.highlights.set(name, new Highlight(...ranges));
}

// reveal scrolls to a range unless it is well in sight, below the player.
// What lies off screen is not laid out yet, so its segment comes first.
export function reveal(range, behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth") {
  const top = document.getElementById("player").getBoundingClientRect().bottom;
  const box = range.getBoundingClientRect();
  if (box.height && box.top >= top && box.bottom <= innerHeight * 0.85) return;
  if (!box.height) {
    range.startContainer.parentElement.closest(".segment")?.scrollIntoView({ block: "center", behavior: "instant" });
    return;
  }
  scrollBy({ top: box.top - top - (innerHeight - top) / 3, behavior });
}
