// The page reads whole without this. With it, the token leaves the address
// bar, words can be played and found, keys work, and edits save themselves.
import { Text } from "./text.js";
import { follow } from "./player.js";
import { search } from "./search.js";
import { keys } from "./keys.js";
import { times } from "./times.js";

const page = document.body.dataset;
// The address of a public page has no path here: it may be passed on.
if (page.path) {
  try {
    sessionStorage.setItem("latchkey:" + page.document, page.token);
    history.replaceState(null, "", page.path + location.hash);
  } catch {
    // Without storage the page could not be loaded again: the token stays.
  }
}

document.documentElement.classList.add("js");
document.getElementById("tools").hidden = false;
// What is to come has its place before anything is scrolled below it.
const strip = document.getElementById("wave"), editing = document.getElementById("editing");
if (strip) strip.hidden = false;
if (editing) {
  editing.hidden = false;
  editing.setAttribute("aria-busy", "true");
}
const text = new Text(document.getElementById("text"));
const media = document.getElementById("media");
const player = media && follow(media, text);
if (strip) import("./wave.js").then((m) => m.wave(strip, media));
times(text, player, page);
search(text);
keys(media);
if (document.getElementById("remark")) import("./comments.js").then((m) => m.comments(media));
if (editing) import("./edit.js").then((m) => m.edit(text, media, page));
