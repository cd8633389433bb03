// Times: each leads to the passage that contains it, and a passage has a link
// that can be passed on.
import { paint, reveal } from "./text.js";

const byId = (id) => document.getElementById(id);

// copier is the button that copies the link to a passage.
export function copier(time) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet copy", lang: "en", textContent: "Link" });
  button.setAttribute("aria-label", "Copy link to " + time.textContent);
  return button;
}

export function times(text, player, page) {
  for (const { row } of text.segments) {
    const time = row.querySelector(".time"), edit = row.querySelector(".edit");
    edit ? edit.before(copier(time), " ") : time.parentElement.append(" ", copier(time));
  }

  // link is the address of this page at a time, for anybody: with the token
  // that the address bar has no more.
  const link = (hash) => location.origin + (page.path ? `${page.path}?token=${encodeURIComponent(page.token)}` : location.pathname) + hash;

  // show marks the passage that contains a time and the word that is said
  // then, and brings them in sight.
  function show(seconds) {
    const ms = seconds * 1000, segment = text.passage(ms);
    if (!segment) return;
    const { row } = segment;
    // While it loads the page is scrolled to the anchor by the browser, too.
    text.root.style.setProperty("--above", byId("player").offsetHeight + 16 + "px");
    text.root.querySelector("[aria-current]")?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "location"); // which lays it out, too
    row.tabIndex = -1;
    if (!row.contains(document.activeElement)) row.focus({ preventScroll: true });
    const words = segment.element ? text.words(segment) : [];
    const word = words.findLast((w) => w.start <= ms) ?? words[0];
    if (!word) return row.scrollIntoView({ block: "center" });
    const range = text.wordRange({ segment, word });
    paint("word", [range]);
    const sight = range.cloneRange();
    if (word === words[0]) sight.setStart(row, 0); // with its time and speaker
    reveal(sight, "instant");
    // What is around it is laid out only now, and may have moved it.
    requestAnimationFrame(() => requestAnimationFrame(() => reveal(sight, "instant")));
  }

  function toHash() {
    const at = Number(/^#t=([0-9.]+)$/.exec(location.hash)?.[1] ?? NaN);
    if (Number.isNaN(at)) return;
    player?.cue(at);
    show(at);
  }
  addEventListener("hashchange", toHash);
  toHash();

  // Whoever opens a time in a new tab or copies its address needs the token.
  // It is in the link's address from the press on that may lead to that, and
  // not before, for whoever hovers sees it. A plain click does not follow the
  // link, so that this tab's history never has it; a new tab takes it out of
  // its own as any page does that is opened.
  for (const kind of ["pointerdown", "keydown", "contextmenu"]) {
    document.addEventListener(kind, (e) => {
      const time = e.target.closest("a.time");
      if (time) time.href = link(time.hash);
    });
  }

  document.addEventListener("click", (e) => {
    const button = e.target.closest(".copy"), time = e.target.closest("a.time");
    if (button) copy(button.closest(".head").querySelector(".time"));
    if (!time || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    history.replaceState(null, "", time.hash); // for a page that is loaded again
    const at = Number(time.hash.slice(3));
    show(at);
    player?.playFrom(at);
  });

  let timer = 0;
  async function copy(time) {
    const address = link(time.hash);
    try {
      await navigator.clipboard.writeText(address);
    } catch { // or undefined: to be copied by hand
      byId("link").showModal();
      byId("address").value = address;
      byId("address").select();
      return;
    }
    byId("copied").textContent = `The link to ${time.textContent} is copied.` + (page.path ? " Whoever has it can do here what you can." : "");
    clearTimeout(timer);
    timer = setTimeout(() => byId("copied").replaceChildren(), 8000);
  }
}
