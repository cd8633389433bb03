
'use strict'
// The page works without this: it only says times in the reader's own zone,
// keeps a double click from being two downloads, and shows what is left.
const words = { dateStyle: 'long', timeStyle: 'short' }
function local(root) {
  for (const t of root.querySelectorAll('time')) {
    t.title = t.textContent
    t.textContent = new Date(t.dateTime).toLocaleString('en-GB', words) + ', your time'
  }
}
local(document)

const form = document.querySelector('form')
const said = document.getElementById('status')
const quiet = 5000 // a browser that goes off again before it has our cookie would be counted twice
let pressed = -quiet

async function refresh() {
  said.textContent = 'Your download has started.'
  const answer = await fetch(location.href, { cache: 'no-store' }).catch(() => null)
  if (!answer || !answer.ok) return
  const now = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const facts = now.getElementById('facts')
  if (!facts) return
  local(facts)
  document.getElementById('facts').replaceWith(facts)
  form.querySelector('button').textContent = now.querySelector('button').textContent
  said.textContent = 'Your download has started. ' + now.getElementById('status').textContent
}

form?.addEventListener('submit', event => {
  if (performance.now() - pressed < quiet) return event.preventDefault()
  pressed = performance.now()
  said.textContent = 'Your download is starting.'
  setTimeout(refresh, quiet)
})
