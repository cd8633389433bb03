// Sync keeps a document and the server's one the same: it saves after a
// pause, merges what others did, and keeps what it could not save in this tab.
import { same } from "./words.js";

const pause = 1500; // ms without an edit before one is saved

const unsaved = "Not saved yet";

// keys name segments by their times, and those of the same times by their order.
function keys(segments) {
  const seen = new Map();
  return segments.map((s) => {
    const times = s.start + " " + s.stop, n = seen.get(times) ?? 0;
    seen.set(times, n + 1);
    return times + " " + n;
  });
}

export class Sync {
  // report is told what to say, and shown which segments others changed,
  // which both changed, and which of ours have no place any more.
  constructor(page, report) {
    this.url = page.api + "?token=" + encodeURIComponent(page.token);
    this.draft = "latchkey:draft:" + page.document;
    this.report = report;
    this.shownVersion = Number(page.version);
    this.attempt = 0;
    this.open = []; // edits that somebody has to decide about
    addEventListener("online", () => this.dirty() && this.save());
    addEventListener("beforeunload", (e) => { if (this.dirty() || this.open.length) e.preventDefault(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden && this.dirty()) this.save(); });
  }

  // load reads the document once; every caller waits for the same. What an
  // earlier page in this tab could not save comes back with it, before
  // anything that is written now is kept in its place.
  load() {
    this.loading ??= this.fetch().then((now) => {
      const kept = this.kept(), moved = now.version !== this.shownVersion;
      this.take(now);
      if (moved) this.report.redraw();
      if (kept) this.apply(kept, now);
    }).catch((error) => {
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  async fetch() {
    const answer = await fetch(this.url, { cache: "no-store" });
    if (!answer.ok) throw await refusal(answer);
    const segments = (await answer.json()).result.document.content.segments;
    for (const s of segments) {
      s.words ??= [];
      s.speaker ??= "";
    }
    return { segments, version: versionOf(answer) };
  }

  take({ segments, version }) {
    this.base = segments;
    this.mine = segments.slice();
    this.version = version;
  }

  dirty() { return !!this.mine?.some((s, i) => s !== this.base[i]); }

  // changed is called after this.mine was: saving comes after a pause.
  changed() {
    this.keep();
    this.refused = false;
    this.later(pause);
    this.report.state(this.dirty() ? unsaved : "");
  }

  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), ms);
  }

  // save returns whether all is saved.
  async save() {
    clearTimeout(this.timer);
    if (this.saving) return this.saving.then(() => this.save());
    if (!this.dirty() || this.refused) return !this.dirty();
    this.saving = this.send().finally(() => { this.saving = null; });
    return this.saving;
  }

  async send() {
    const sent = this.mine.slice();
    let answer;
    try {
      answer = await fetch(this.url, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "If-Match": `"${this.version}"` },
        body: JSON.stringify({ document: { content: { segments: sent.map((s, i) => wire(s, s === this.base[i])) } } }),
      });
      if (answer.status === 412) return await this.merge();
      if (!answer.ok) throw await refusal(answer);
    } catch (error) {
      return this.failed(error);
    }
    this.attempt = 0;
    this.base = sent;
    this.version = versionOf(answer);
    this.keep();
    this.report.state(this.dirty() ? unsaved : "Saved");
    if (this.dirty()) this.later(pause);
    return !this.dirty();
  }

  failed(error) {
    if (error.refused) {
      this.refused = true;
      this.report.state(`Not saved: ${error.message} What you wrote is kept in this tab: copy what you need.`, true);
      return false;
    }
    const wait = Math.min(60, 2 ** ++this.attempt);
    this.later(wait * (750 + Math.random() * 500));
    this.report.state(`No connection. What you write is kept in this tab and saved later; next try in about ${wait} seconds.`, true);
    return false;
  }

  // merge takes the server's document and puts what was changed here into it,
  // where nobody else changed the same segment.
  async merge() {
    const now = await this.fetch();
    return this.apply(this.edits(), now);
  }

  // edits are what was changed here: what it was, what it is, and its key.
  edits() {
    const names = keys(this.base ?? []);
    return (this.mine ?? []).map((is, i) => [this.base[i], is, names[i]]).filter(([was, is]) => was !== is);
  }

  // settle is called when somebody has decided about an edit.
  settle(edit) {
    this.open = this.open.filter((e) => e !== edit);
    this.keep();
  }

  apply(edits, now) {
    const before = this.base, names = keys(now.segments);
    const sameShape = names.join() === keys(before ?? []).join();
    const at = new Map(names.map((name, i) => [name, i]));
    this.take(now);
    const both = [], lost = [];
    for (const edit of edits) {
      const [was, is, name] = edit, i = at.get(name);
      if (i === undefined) lost.push(edit);
      else if (same(now.segments[i], was)) this.mine[i] = is;
      else if (!same(now.segments[i], is)) both.push([i, edit]);
    }
    this.open.push(...lost, ...both.map(([, edit]) => edit));
    const theirs = sameShape ? now.segments.flatMap((s, i) => (same(s, before[i]) || both.some(([j]) => j === i) ? [] : [i])) : [];
    this.report.merged({ theirs, both, lost, rebuilt: !sameShape });
    this.keep();
    if (this.dirty()) this.later(0);
    return !this.dirty();
  }

  // keep puts what is not saved where a reload of this tab finds it.
  keep() {
    const edits = this.edits().concat(this.open);
    try {
      if (edits.length) sessionStorage.setItem(this.draft, JSON.stringify(edits));
      else sessionStorage.removeItem(this.draft);
    } catch {
      // It is in memory still.
    }
  }

  kept() {
    try {
      return JSON.parse(sessionStorage.getItem(this.draft) ?? "null");
    } catch {
      return null; // without storage nothing was kept
    }
  }

  // restore brings back what an earlier page in this tab could not save.
  async restore() {
    if (this.kept()) await this.load();
  }
}

// wire is a segment as it is sent. The server finds the words again of one
// that says what it said before: they are most of a document.
function wire({ speaker, start, stop, words }, unchanged) {
  if (unchanged || !words.length) return { speaker, start, stop, text: words.map((w) => w.text).join("") };
  return { speaker, start, stop, words };
}

const versionOf = (answer) => Number(/"(\d+)"/.exec(answer.headers.get("ETag"))?.[1]);

// reasons are what a refused save says. 5xx and 429 pass.
const reasons = {
  400: "The document is finished, or cannot be changed now.",
  401: "The link does not work any more.",
  403: "This link does not allow editing any more.",
  404: "The link does not work any more, or the document was deleted.",
  413: "The document is too large to be saved.",
};

async function refusal(answer) {
  const error = new Error(reasons[answer.status] ?? "");
  error.refused = answer.status < 500 && answer.status !== 429;
  if (answer.status === 422) error.message = ((await answer.json().catch(() => null))?.detail?.[0]?.msg ?? "Something in it is not allowed") + ".";
  return error;
}
