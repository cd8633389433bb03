// The page reads whole without this. With it, the token leaves the address
// bar, words can be played and found, and keys work.
import { Text } from "./text.js";
import { follow } from "./player.js";
import { search } from "./search.js";
import { keys } from "./keys.js";

const id = document.body.dataset.document;
const url = new URL(location.href);
const token = url.searchParams.get("token");
if (token) {
  try {
    sessionStorage.setItem("latchkey:" + id, token);
    url.searchParams.delete("token");
    history.replaceState(null, "", url);
  } catch {
    // Without storage the page could not be loaded again: the token stays.
  }
}

document.documentElement.classList.add("js");
document.getElementById("tools").hidden = false;
const text = new Text(document.getElementById("text"));
const media = document.getElementById("media");
if (media) follow(media, text);
search(text);
keys(media);
