// Releases: which is served, what they measured, and the change to another.

import { administer, get, mayAdminister, segment } from './api.js'
import { confirmed, failure, h, number, panel, table, time } from './dom.js'
import { showReports } from './report.js'

export function showReleases(main, params, signal) {
  const said = h('p', { role: 'status' })
  const section = () => panel('Releases', () => listed(signal, act), { id: 'releases' })
  let shown = section()
  async function act(question, word, path) {
    if (!await confirmed(question, word)) return
    said.replaceChildren('Every file is read and checked; this may take a while.')
    try {
      const release = await administer(path)
      said.replaceChildren(`${release.release_id} is active now.`)
      document.dispatchEvent(new Event('cascade:served'))
    } catch (error) {
      said.replaceChildren(failure(error))
    }
    if (signal.aborted) return
    const next = section()
    shown.replaceWith(next)
    shown = next
  }
  main.append(said, shown)
}

async function listed(signal, act) {
  // The server has them newest first.
  const releases = (await get('/v1/releases', signal)).data.sort((one, other) => (other.state === 'active') - (one.state === 'active'))
  if (releases.length === 0) return h('p', { class: 'quiet' }, 'There is none; train one with `cascade train`.')
  return [
    mayAdminister() ? '' : h('p', { class: 'quiet' }, 'To change releases from here, open the page by the link in the server’s log line “listening”, or give an API key.'),
    h('p', {}, h('button', {
      type: 'button', id: 'rollback', click: () => act('Serve the release that was active before?', 'Roll back', '/v1/releases/rollback'),
    }, 'Roll back')),
    table(`${releases.length} releases`, ['Release', 'State', 'Created (UTC)', 'Activated (UTC)', 'Ranker', ''], releases.map((release) => {
      const cells = [
        h('code', {}, release.release_id), h('span', { class: `state ${release.state}` }, release.state), time(release.created_at),
        time(release.activated_at), built(release) ? h('code', {}, release.ranker_model_id ?? 'none') : release.failure ?? ['last heard of ', time(release.heard_at)],
        ['ready', 'retired'].includes(release.state) ? h('button', {
          type: 'button', 'aria-label': `Activate ${release.release_id}`,
          click: () => act(`Serve ${release.release_id}?`, 'Activate', `/v1/releases/${segment(release.release_id)}/activate`),
        }, 'Activate') : '',
      ]
      cells.attributes = { 'data-release': release.release_id, 'data-state': release.state }
      return cells
    }), 'cards'),
    measures(releases.filter(built), signal),
  ]
}

/** Whether there is more of it than its training. */
const built = (release) => release.manifest_sha256 !== undefined

/** The pictures and the metrics of two releases beside each other. */
function measures(releases, signal) {
  const choice = (label, index) => h('label', {}, h('span', {}, label), h('select', { change: () => { draw(); picture() } },
    releases.map((release, place) => h('option', { value: release.release_id, selected: place === index }, `${release.release_id} (${release.state})`))))
  const [left, right] = [choice('Release', 0), choice('Beside', Math.min(1, releases.length - 1))]
  const word = h('input', { autocomplete: 'off', spellcheck: 'false', input: () => draw() })
  const place = h('div', { id: 'metrics' })
  const pictures = h('div', { id: 'reports' })
  const chosen = (label) => releases.find((release) => release.release_id === label.querySelector('select').value)
  function draw() {
    const [one, other] = [flat(chosen(left).metrics), flat(chosen(right).metrics)]
    const names = [...new Set([...one.keys(), ...other.keys()])].filter((name) => name.includes(word.value.trim())).sort()
    place.replaceChildren(names.length === 0 ? h('p', { class: 'quiet' }, 'Neither has such metrics.')
      : table('Metrics', ['Name', ['Release', 'numeric'], ['Beside', 'numeric'], ['Difference', 'numeric']],
        names.map((name) => {
          const both = one.has(name) && other.has(name)
          return [name, number(one.get(name), 4), number(other.get(name), 4), both ? signed(one.get(name) - other.get(name)) : '–']
        }), 'cards'))
  }
  const picture = () => showReports(pictures, [chosen(left).release_id, chosen(right).release_id], signal)
  if (releases.length === 0) return ''
  draw()
  picture()
  return h('div', {}, h('h3', {}, 'Side by side'), h('div', { class: 'ask' }, left, right, h('label', {}, h('span', {}, 'Names with'), word)), pictures, place)
}

const signed = (value) => value > 0 ? `+${number(value)}` : number(value)

/** The numbers of nested objects by dotted names. */
function flat(value, prefix = '', into = new Map()) {
  for (const [name, part] of Object.entries(value ?? {})) {
    const path = prefix ? `${prefix}.${name}` : name
    if (typeof part === 'number') into.set(path, part)
    else if (part !== null && typeof part === 'object') flat(part, path, into)
  }
  return into
}
