// Keys, where nothing is being written and no control has them for itself.
export function keys(media) {
  const help = document.getElementById("help");
  const query = document.getElementById("query");
  document.getElementById("help-open").addEventListener("click", () => help.showModal());

  const toggle = () => media && (media.paused ? media.play().catch(() => {}) : media.pause());
  const skip = (by) => { if (media) media.currentTime = Math.max(0, media.currentTime + by); };
  const press = (id) => document.getElementById(id)?.click();
  const actions = {
    " ": toggle, k: toggle,
    j: () => skip(-10), l: () => skip(10), ArrowLeft: () => skip(-5), ArrowRight: () => skip(5),
    "/": () => { query.focus(); query.select(); }, "?": () => help.showModal(),
    h: () => press("mark"), x: () => press("strike"),
  };

  document.addEventListener("keydown", (e) => {
    if (help.open) return;
    if (e.ctrlKey && e.key === " ") { // also while writing
      e.preventDefault();
      toggle();
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.closest("input, textarea, select, audio, video")) return;
    if (e.key === " " && e.target.closest("button, summary, a")) return;
    const action = actions[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (!action) return;
    e.preventDefault();
    action();
  });
}
