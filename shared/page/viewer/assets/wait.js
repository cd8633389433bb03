// The page waits for a transcript. Only when there is one is it loaded again:
// a reload for nothing would send whoever listens to it back to its start.
const seconds = Number(document.getElementById("again").dataset.seconds);

setInterval(async () => {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer?.status < 429 && !answer.headers.has("Retry-After")) location.reload(); // 429 and 5xx pass
}, seconds * 1000);
