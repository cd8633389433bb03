// What can be done with the words of a segment. A segment is as the API has
// it, {speaker, start, stop, words}, and is never changed, only replaced.

// A word begins at white space that does not hold words together, or at a
// letter of a script without spaces.
const space = "[^\\S\\u00a0\\u202f\\u2007]";
const alone = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}";
const word = new RegExp(`${space}*(?:[${alone}]|(?:(?!${space})[^${alone}])+)`, "gu");

// split cuts a text before the white space before each word.
export function split(text) {
  const words = text.match(word) ?? [];
  const rest = text.slice(words.join("").length);
  if (words.length && rest) words[words.length - 1] += rest;
  return words;
}

// shown are the texts of the words as the page shows them: nothing is
// indented by the white space that begins a segment.
export const shown = (segment) => segment.words.map((w, i) => (i ? w.text : w.text.trimStart()));

export const textOf = (segment) => shown(segment).join("").trimEnd();

// same reports whether two segments say and mark the same, at whatever times.
export function same(a, b) {
  return a === b || a.speaker === b.speaker && a.words.length === b.words.length && a.words.every((w, i) => {
    const v = b.words[i];
    return (i ? w.text === v.text : w.text.trim() === v.text.trim()) &&
      (w.highlight ?? "") === (v.highlight ?? "") && !!w.strikethrough === !!v.strikethrough;
  });
}

// pairs are the indexes of words that both lists have, in order: the longest
// common subsequence, after what is alike at both ends.
export function pairs(a, b) {
  const out = [];
  let from = 0, endA = a.length, endB = b.length;
  while (from < endA && from < endB && a[from] === b[from]) out.push([from, from++]);
  const tail = [];
  while (endA > from && endB > from && a[endA - 1] === b[endB - 1]) tail.unshift([--endA, --endB]);
  const n = endA - from, m = endB - from;
  if (n && m && n * m <= 250_000) {
    const best = Array.from({ length: n + 1 }, () => new Uint16Array(m + 1));
    for (let i = n - 1; i >= 0; i--) {
      for (let j = m - 1; j >= 0; j--) {
        best[i][j] = a[from + i] === b[from + j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
      }
    }
    for (let i = 0, j = 0; i < n && j < m;) {
      if (a[from + i] === b[from + j]) out.push([from + i++, from + j++]);
      else if (best[i + 1][j] >= best[i][j + 1]) i++;
      else j++;
    }
  }
  return out.concat(tail);
}

const trimmed = (texts) => texts.map((t) => t.trim());
const round = (seconds) => Math.round(seconds * 1000) / 1000;

// rewrite is a segment with another text: words that stay keep their times
// and marks, new ones share the time that is between those.
export function rewrite(segment, text) {
  const texts = split(text);
  const old = segment.words;
  const words = [];
  let i = 0, j = 0;
  for (const [a, b] of [...pairs(trimmed(old.map((w) => w.text)), trimmed(texts)), [old.length, texts.length]]) {
    const gone = old.slice(i, a), fresh = texts.slice(j, b);
    if (fresh.length) {
      const next = old[a]?.start ?? segment.stop; // words may overlap, but begin in order
      const to = Math.min(gone.length ? gone.at(-1).end : next, next);
      const from = Math.min(gone.length ? gone[0].start : old[i - 1]?.end ?? segment.start, to);
      words.push(...share(fresh, from, to, markOf(gone)));
    }
    if (a < old.length) words.push({ ...old[a], text: texts[b] });
    i = a + 1;
    j = b + 1;
  }
  return { ...segment, words };
}

// markOf is the mark that all of some words have, for what is written in
// their place.
function markOf(words) {
  const mark = {};
  if (words.length && words.every((w) => w.highlight)) mark.highlight = words[0].highlight;
  if (words.length && words.every((w) => w.strikethrough)) mark.strikethrough = true;
  return mark;
}

function share(texts, from, to, mark) {
  const sizes = texts.map((t) => Math.max(1, t.trim().length));
  const all = sizes.reduce((sum, n) => sum + n, 0);
  let done = 0;
  return texts.map((text, i) => {
    const start = round(from + (to - from) * done / all);
    done += sizes[i];
    return { text, start, end: round(from + (to - from) * done / all), ...mark };
  });
}

// toggle marks words from one index up to another, or takes the mark away if
// all have it.
export function toggle(segment, from, to, mark) {
  const has = (w) => (mark === "highlight" ? !!w.highlight : !!w.strikethrough);
  const on = !segment.words.slice(from, to).every(has);
  const value = mark === "highlight" ? (on ? "#ffee00" : undefined) : (on ? true : undefined);
  return { ...segment, words: segment.words.map((w, i) => (i >= from && i < to ? { ...w, [mark]: value } : w)) };
}

// draw puts a segment's words into its element, as the server does.
export function draw(element, segment) {
  const runs = [];
  const add = (text, marked, strike) => {
    const last = runs.at(-1);
    if (last && last.marked === marked && last.strike === strike) {
      last.text += text;
      return;
    }
    const bare = text.trimStart();
    if ((marked || strike) && bare !== text) {
      add(text.slice(0, text.length - bare.length), false, false);
      text = bare;
    }
    runs.push({ text, marked, strike });
  };
  const texts = shown(segment), packed = [];
  let at = Math.round(segment.start * 1000);
  segment.words.forEach((w, i) => {
    const start = Math.round(w.start * 1000), end = Math.round(w.end * 1000);
    packed.push([texts[i].length, start - at, end - start]);
    at = end;
    add(texts[i], !!w.highlight, !!w.strikethrough);
  });
  element.dataset.words = packed.join(" ");
  element.replaceChildren(...runs.map((r) => {
    let node = document.createTextNode(r.text);
    for (const [on, tag] of [[r.strike, "s"], [r.marked, "mark"]]) {
      if (!on) continue;
      const around = document.createElement(tag);
      around.append(node);
      node = around;
    }
    return node;
  }));
}
