// Which view is shown: the fragment of the address says it, so that views can be linked and the browser's back works.

import { onUnauthorized, readiness, takeToken, useKey } from './api.js'
import { h } from './dom.js'
import { showCompare } from './compare.js'
import { showLive } from './live.js'
import { showReleases } from './releases.js'
import { showUser } from './user.js'

const views = { user: showUser, compare: showCompare, releases: showReleases, live: showLive }
const main = document.getElementById('main')
const access = document.getElementById('access')
let running = new AbortController()

function show() {
  const params = new URLSearchParams(location.hash.slice(1))
  if (takeToken(params)) {
    params.delete('token')
    history.replaceState(null, '', `#${params}`)
  }
  const name = Object.hasOwn(views, params.get('view') ?? '') ? params.get('view') : 'user'
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.view === name) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  keepUser(params)
  running.abort()
  running = new AbortController()
  main.replaceChildren()
  main.dataset.view = name
  views[name](main, params, running.signal)
}

/** The links to the views of users take the user along. */
function keepUser(params) {
  if (!params.has('user')) return
  for (const view of ['user', 'compare']) {
    document.querySelector(`nav a[data-view=${view}]`).href = `#${new URLSearchParams({ view, user: params.get('user') })}`
  }
}

async function showReadiness() {
  const place = document.getElementById('readiness')
  try {
    const state = await readiness()
    place.replaceChildren(h('span', { class: `state ${state.status}` }, state.status.replace('_', ' ')), ` ${state.release_id ?? 'no release'}`)
  } catch {
    place.replaceChildren(h('span', { class: 'state not_ready' }, 'not reached'))
  }
}

onUnauthorized((wasRefused) => {
  if (!access.hidden) return
  access.hidden = false
  if (wasRefused) access.querySelector('label').textContent = 'The server does not take this API key; try another'
  document.getElementById('key').focus()
})

access.addEventListener('submit', (event) => {
  event.preventDefault()
  useKey(document.getElementById('key').value.trim())
  document.getElementById('key').value = ''
  access.hidden = true
  show()
})

document.getElementById('skip').addEventListener('click', () => main.focus())
window.addEventListener('hashchange', show)
// Servers follow an activation within a moment.
document.addEventListener('cascade:served', () => setTimeout(showReadiness, 1500))
setInterval(() => { if (!document.hidden) showReadiness() }, 10_000)
show()
showReadiness()
