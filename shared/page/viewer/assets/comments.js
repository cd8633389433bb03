// Comments are sent without leaving the page: the form's own answer is the
// page, of which the comments are taken.
export function comments(media) {
  document.addEventListener("submit", async (e) => {
    const form = e.target;
    if (form.id !== "remark") return;
    e.preventDefault();
    const button = form.querySelector("button.main");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("comments");
      if (!answer.ok || !fresh) throw new Error(page.querySelector("main p")?.textContent ?? "");
      const author = form.elements.author?.value;
      const old = new Set([...document.querySelectorAll(".comment")].map((c) => c.id));
      document.getElementById("comments").replaceWith(document.adoptNode(fresh));
      if (author) document.getElementById("remark").elements.author.value = author;
      addNow();
      const made = [...fresh.querySelectorAll(".comment")].find((c) => !old.has(c.id));
      if (made) {
        made.tabIndex = -1;
        made.focus();
      }
    } catch (error) {
      button.disabled = false;
      say(form, error.message && !(error instanceof TypeError) ? error.message : "There is no connection. Your comment is still here: send it again later.");
    }
  });

  function say(form, message) {
    let p = form.querySelector("[role=alert]");
    if (!p) {
      p = document.createElement("p");
      p.setAttribute("role", "alert");
      form.append(p);
    }
    p.textContent = message;
  }

  // addNow puts a button beside the time that takes the player's.
  function addNow() {
    const at = document.getElementById("remark")?.elements.at;
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
