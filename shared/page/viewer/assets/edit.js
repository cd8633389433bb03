// Editing: a passage is written in a field of its own, words are marked by
// selecting them, and everything can be undone.
import { draw, pairs, rewrite, same, shown, split, textOf, toggle } from "./words.js";
import { Sync } from "./sync.js";
import { copier } from "./times.js";

const byId = (id) => document.getElementById(id);

// make is an element with properties and children.
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function edit(text, media, page) {
  const status = byId("status");
  const undone = [], done = []; // lists of [index, before, after]
  let open = null; // {index, close, discard}
  let chosen = []; // what is selected: [index, from, to] of words

  const sync = new Sync(page, {
    state(message, bad) {
      if (status.textContent !== message) status.textContent = message; // not read out twice
      status.classList.toggle("bad", !!bad);
    },
    redraw() {
      const stays = (s, i) => Math.round(s.start * 1000) === Math.round(text.segments[i].start);
      if (sync.mine.length !== text.segments.length || !sync.mine.every(stays)) rebuild();
      else sync.mine.forEach((_, i) => render(i));
    },
    merged,
  });

  // change replaces segments. What has one name, as the keys of one field
  // do, is one step to undo.
  function change(edits, name) {
    edits = edits.filter(([i, , after]) => !same(sync.mine[i], after));
    if (!edits.length) return;
    const last = done.at(-1);
    if (name && last?.name === name) {
      for (const e of edits) {
        const one = last.find(([i]) => i === e[0]);
        if (one) one[2] = e[2];
        else last.push(e);
      }
    } else done.push(Object.assign(edits, { name }));
    undone.length = 0;
    put(edits, 2);
  }

  function put(edits, side) {
    for (const e of edits) {
      sync.mine[e[0]] = same(e[side], sync.base[e[0]]) ? sync.base[e[0]] : e[side];
      render(e[0]);
    }
    sync.changed();
    buttons();
  }

  // step undoes or does again what nobody else has changed since.
  function step(from, to, side) {
    open?.close();
    const edits = from.pop()?.filter(([i, before, after]) => same(sync.mine[i], side === 1 ? after : before));
    if (edits) {
      to.push(edits);
      put(edits, side);
      if (edits.length) text.segments[edits[0][0]].row.scrollIntoView({ block: "nearest" });
    }
    buttons();
  }

  function buttons() {
    byId("undo").disabled = !done.length;
    byId("redo").disabled = !undone.length;
    byId("mark").disabled = byId("strike").disabled = !chosen.length;
  }

  function render(i) {
    const segment = sync.mine[i], at = text.segments[i];
    if (at.element) {
      draw(at.element, segment);
      at.words = null;
    }
    let label = at.row.querySelector(".speaker");
    if (segment.speaker && !label) {
      label = make("bdi", { className: "speaker" });
      at.row.querySelector(".time").after(" ", label);
    }
    if (label) label.textContent = segment.speaker;
    at.row.querySelector(".edit")?.setAttribute("aria-label", `Edit ${at.row.querySelector(".time").textContent} ${segment.speaker}`);
  }

  // ready reports whether the whole document is here, which reading does not need.
  async function ready() {
    try {
      await sync.load();
      return true;
    } catch (error) {
      status.textContent = error.message || "There is no connection, so this cannot be edited at the moment.";
      return false;
    }
  }

  // write opens a passage to be written in.
  async function write(i, button) {
    if (open?.index === i) return;
    open?.close();
    if (!await ready()) return;
    if (!button.isConnected) { // another passage may be in its place
      status.textContent = "Somebody else has changed the transcript meanwhile. It is shown as it is now: choose again.";
      text.segments[Math.min(i, text.segments.length - 1)]?.row.querySelector(".edit").focus();
      return;
    }
    const segment = sync.mine[i], at = text.segments[i], session = {}, naming = {};
    const others = sync.mine.filter((s) => s.speaker === segment.speaker).length;
    const known = [...new Set(sync.mine.map((s) => s.speaker))];
    const names = make("datalist", { id: "names" }, ...known.map((value) => make("option", { value })));
    const speaker = make("input", { value: segment.speaker, maxLength: 200, autocomplete: "off", dir: "auto" });
    speaker.setAttribute("list", "names");
    const everywhere = make("input", { type: "checkbox", checked: false });
    const all = make("label", { className: "inline", hidden: true }, everywhere, ` in all ${others} passages of ${segment.speaker}`);
    const area = make("textarea", { value: textOf(segment), maxLength: 20000, dir: "auto", lang: text.root.lang, rows: 3 });
    const form = make("form", { className: "rewrite", lang: "en" },
      make("label", {}, "Speaker ", speaker), all, names, make("label", {}, "Text ", area),
      make("p", {}, make("button", { className: "main" }, "Done"), " ", make("span", { className: "soft" }, "It saves by itself.")));
    const grow = () => { area.style.height = "auto"; area.style.height = area.scrollHeight + 4 + "px"; };
    const discard = () => {
      open = null;
      form.replaceWith(at.element);
      render(i);
      button.hidden = false;
    };
    const rename = (name, js) => change(js.map((j) => [j, sync.mine[j], { ...sync.mine[j], speaker: name }]), naming);
    const close = () => {
      const name = speaker.value.trim();
      if (everywhere.checked && name !== segment.speaker) {
        rename(name, sync.mine.flatMap((s, j) => (j !== i && s.speaker === segment.speaker ? [j] : [])));
      }
      discard();
    };
    speaker.addEventListener("input", () => {
      const name = speaker.value.trim();
      all.hidden = !segment.speaker || others < 2 || name === segment.speaker;
      rename(name, [i]);
    });
    area.addEventListener("input", () => {
      grow();
      change([[i, sync.mine[i], { ...rewrite(segment, area.value.trim()), speaker: sync.mine[i].speaker }]], session);
    });
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      close();
      button.focus();
    });
    form.addEventListener("keydown", (e) => {
      if (e.key === "Escape" || e.key === "Enter" && e.ctrlKey) form.requestSubmit();
    });
    open = { index: i, close, discard };
    button.hidden = true;
    at.element.replaceWith(form);
    grow();
    area.focus();
  }

  // mark highlights or strikes out what is selected.
  async function mark(what) {
    const s = getSelection(); // which may be newer than the last selectionchange
    const picked = s.isCollapsed || !s.rangeCount ? chosen : selected(s.getRangeAt(0)), first = !sync.mine;
    if (!picked.length || !await ready()) return;
    if (first && sync.version !== sync.shownVersion) {
      status.textContent = "Somebody else has changed the transcript meanwhile. It is shown as it is now: select again.";
      return;
    }
    change(picked.map(([i, from, to]) => [i, sync.mine[i], toggle(sync.mine[i], from, to, what)]));
    getSelection().collapseToEnd();
  }

  document.addEventListener("selectionchange", () => {
    const s = getSelection();
    if (s.isCollapsed && document.activeElement?.closest("#editing")) return; // a tap on a button may take it away
    chosen = s.isCollapsed || !s.rangeCount ? [] : selected(s.getRangeAt(0));
    buttons();
  });

  function selected(range) {
    return text.segments.flatMap((at, i) => {
      if (!at.element || !range.intersectsNode(at.element)) return [];
      const from = text.offset(range.startContainer, range.startOffset), to = text.offset(range.endContainer, range.endOffset);
      const first = from?.segment === at ? from.offset : 0;
      const last = to?.segment === at ? to.offset : Infinity;
      const words = text.words(at);
      const begin = words.findIndex((w) => w.to > first), end = words.findLastIndex((w) => w.from < last);
      return begin < 0 || end < begin ? [] : [[i, begin, end + 1]];
    });
  }

  // merged shows what others did, and asks where both changed the same.
  function merged({ theirs, both, lost, rebuilt }) {
    if (rebuilt || both.some(([i]) => i === open?.index) || theirs.includes(open?.index)) open?.discard();
    if (rebuilt) done.length = undone.length = 0;
    if (rebuilt || sync.mine.length !== text.segments.length) rebuild();
    else sync.mine.forEach((_, i) => render(i));
    for (const i of theirs) note(i, "Changed by somebody else just now.");
    for (const [i, edit] of both) ask(i, edit);
    for (const edit of lost) {
      const box = make("div", { className: "conflict", lang: "en" }, make("p", {}, "Somebody else removed this passage. You wrote:"),
        make("p", { className: "said", dir: "auto" }, textOf(edit[1])));
      box.append(make("p", {}, drop(box, edit, "Put away")));
      text.root.prepend(box);
    }
    const n = both.length + lost.length;
    if (n) sync.report.state(`Somebody else changed ${n === 1 ? "a passage" : n + " passages"} that you changed too. Both texts are shown: choose one.`, true);
    else if (theirs.length) sync.report.state("Somebody else is editing too. What they changed is marked.");
    buttons();
  }

  function note(i, message) {
    const row = text.segments[i].row;
    row.querySelector(".note")?.remove();
    row.append(make("p", { className: "note soft", lang: "en" }, message));
  }

  function drop(box, edit, label) {
    const button = make("button", { type: "button" }, label);
    button.addEventListener("click", () => {
      box.remove();
      sync.settle(edit);
    });
    return button;
  }

  // ask shows what was written here beside what somebody else wrote.
  function ask(i, edit) {
    const theirs = sync.mine[i], mine = edit[1];
    const common = new Set(pairs(split(textOf(theirs)).map((w) => w.trim()), split(textOf(mine)).map((w) => w.trim())).map(([, b]) => b));
    const words = shown(mine).flatMap((w, j) => (common.has(j) ? [w] : [w.slice(0, w.length - w.trimStart().length), make("mark", {}, w.trimStart())]));
    const box = make("div", { className: "conflict", lang: "en" },
      make("p", {}, "Somebody else changed this passage too. Theirs is above. Yours was:"),
      make("p", { className: "said", dir: "auto" }, ...(mine.speaker === theirs.speaker ? [] : [make("b", {}, mine.speaker), " "]), ...words));
    const use = make("button", { type: "button", className: "main" }, "Use mine");
    use.addEventListener("click", () => {
      box.remove();
      sync.settle(edit);
      change([[i, sync.mine[i], { ...mine, start: sync.mine[i].start, stop: sync.mine[i].stop }]]);
    });
    box.append(make("p", {}, use, " ", drop(box, edit, "Keep theirs")));
    text.segments[i].row.append(box);
  }

  // rebuild makes the page's segments anew, for those of another shape.
  function rebuild() {
    const model = text.root.querySelector(".segment");
    const rows = sync.mine.map((s, i) => {
      const row = make("div", { className: "segment" });
      row.dataset.start = s.start;
      const ms = Math.floor(s.start), two = (n) => String(n).padStart(2, "0");
      const clock = ms < 3600 ? `${Math.floor(ms / 60)}:${two(ms % 60)}` : `${Math.floor(ms / 3600)}:${two(Math.floor(ms / 60) % 60)}:${two(ms % 60)}`;
      const button = make("button", { className: "quiet edit", name: "edit", value: i, lang: "en" }, "Edit");
      button.setAttribute("form", "pick");
      const time = make("a", { className: "time", href: "#t=" + s.start }, clock);
      row.append(make("p", { className: "head" }, time, " ", copier(time), " ", button), make("p", { className: "words", dir: "auto" }));
      return row;
    });
    model?.before(...rows);
    for (const { row } of text.segments) row.remove();
    text.find();
    sync.mine.forEach((_, i) => render(i));
  }

  byId("pick").addEventListener("submit", (e) => {
    if (!e.submitter) return;
    e.preventDefault();
    write(Number(e.submitter.value), e.submitter);
  });
  byId("undo").addEventListener("click", () => step(done, undone, 1));
  byId("redo").addEventListener("click", () => step(undone, done, 2));
  for (const [id, what] of [["mark", "highlight"], ["strike", "strikethrough"]]) {
    byId(id).addEventListener("mousedown", (e) => e.preventDefault()); // the selection stays
    byId(id).addEventListener("click", () => mark(what));
  }
  document.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.target.closest("input, textarea")) return;
    const key = e.key.toLowerCase();
    if (key === "z" && !e.shiftKey) step(done, undone, 1);
    else if (key === "y" || key === "z") step(undone, done, 2);
    else return;
    e.preventDefault();
  });
  // What is exported or finished is what is written.
  byId("actions").addEventListener("submit", async (e) => {
    open?.close();
    if (!sync.dirty()) return;
    e.preventDefault();
    if (await sync.save()) e.target.requestSubmit(e.submitter);
  });
  byId("editing").removeAttribute("aria-busy");
  sync.restore().catch(() => { /* it stays where it is kept */ });
}
