// Comments are sent without leaving the page: the form's own answer is the
// page, of which the comments are taken.
const byId = (id) => document.getElementById(id);

export function comments(media) {
  let tried = {}; // what was sent last and not answered: the same again is no second comment
  document.addEventListener("submit", async (e) => {
    const form = e.target, button = e.submitter;
    if (form.id !== "remark" && form.id !== "tend") return;
    e.preventDefault();
    const body = new URLSearchParams(new FormData(form, button));
    if (tried.body !== body.toString()) tried = { body: body.toString(), key: crypto.getRandomValues(new Uint32Array(4)).join("-") };
    button.disabled = true;
    try {
      const answer = await fetch(button.hasAttribute("formaction") ? button.formAction : form.action,
        { method: "POST", body, headers: { "Idempotency-Key": tried.key } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("comments");
      if (!answer.ok || !fresh) throw new Error(page.querySelector("main p")?.textContent ?? "");
      tried = {};
      show(document.adoptNode(fresh), form.id === "remark" ? "" : button.closest(".comment").id);
    } catch (error) {
      button.disabled = false;
      say(error.message && !(error instanceof TypeError) ? error.message : "There is no connection. What you wrote is still here: try it again later.");
    }
  });

  // show puts the comments in the place of the old ones, with what is being
  // written if it was not that which was sent, and goes to the one in question.
  function show(fresh, id) {
    const was = new Set([...document.querySelectorAll(".comment")].map((c) => c.id));
    const written = byId("remark").elements;
    byId("comments").replaceWith(fresh);
    for (const name of id ? ["author", "at", "text"] : ["author"]) {
      const field = byId("remark").elements[name];
      if (field) field.value = written[name].value;
    }
    addNow();
    const one = id ? byId(id) ?? byId("comments-title") : [...fresh.querySelectorAll(".comment")].find((c) => !was.has(c.id));
    if (!one) return;
    one.tabIndex = -1;
    one.focus();
  }

  function say(message) {
    let p = byId("comments").querySelector("[role=alert]");
    if (!p) {
      p = document.createElement("p");
      p.setAttribute("role", "alert");
      byId("remark").append(p);
    }
    p.textContent = message;
  }

  // addNow puts a button beside the time that takes the player's.
  function addNow() {
    const at = byId("remark")?.elements.at;
    if (!media || !at) return;
    const now = document.createElement("button");
    now.type = "button";
    now.textContent = "Now";
    now.addEventListener("click", () => {
      const s = Math.floor(media.currentTime);
      const two = (n) => String(n).padStart(2, "0");
      at.value = s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
    });
    const line = document.createElement("span");
    line.className = "together";
    at.replaceWith(line);
    line.append(at, now);
  }
  addNow();
}
