// What the server does now: rates and latencies from the differences of /metrics, readiness, jobs and counts.

import { get, readiness, text } from './api.js'
import { facts, failure, h, number, panel, table, time } from './dom.js'
import { growth, parse, quantile, sum } from './prometheus.js'
import { sparkline } from './sparkline.js'

const everyMilliseconds = 2000
const slowerEvery = 5
const remembered = 60
const duration = 'cascade_http_request_duration_seconds'
const slates = '/v1/recommendations'

export function showLive(main, params, signal) {
  const places = {}
  for (const [id, title] of [['rates', 'Now'], ['routes', 'Routes'], ['health', 'Readiness'], ['jobs', 'Jobs'], ['stats', 'Counts and ages']]) {
    places[id] = h('div', {}, h('p', { class: 'quiet' }, 'Loading…'))
    main.append(panel(title, () => places[id], { id }))
  }
  const lines = new Map()
  let before = null
  let round = 0
  async function look() {
    if (signal.aborted) return
    // Nobody sees a tab in the background, and the next look would be of too long a time.
    if (document.hidden) before = null
    else {
      await put(places.rates, async () => {
        const now = { at: performance.now(), samples: parse(await text('/metrics', signal)) }
        const past = before ?? now
        before = now
        places.routes.replaceChildren(routes(past, now, lines))
        return rates(past, now, lines)
      })
      if (round % slowerEvery === 0) {
        await put(places.health, async () => health(await readiness(signal)))
        await put(places.jobs, async () => jobs(await get('/v1/jobs?limit=10', signal)))
        await put(places.stats, async () => statistics(await get('/v1/stats', signal)))
      }
      round += 1
    }
    if (!signal.aborted) setTimeout(look, everyMilliseconds)
  }
  look()
}

async function put(place, make) {
  try { place.replaceChildren(...[await make()].flat()) } catch (error) {
    if (error.name !== 'AbortError') place.replaceChildren(failure(error))
  }
}

/** Remembers a value of a line and gives the line. */
function line(lines, name, value) {
  const values = [...(lines.get(name) ?? []), value].slice(-remembered)
  lines.set(name, values)
  return sparkline(values, `${name}, the last ${values.length} looks`)
}

function rates(past, now, lines) {
  const seconds = (now.at - past.at) / 1000
  const rate = (name, keep) => seconds > 0 ? growth(past.samples, now.samples, name, keep) / seconds : null
  const slow = (q) => scaled(quantile(past.samples, now.samples, duration, q, (labels) => labels.route === slates))
  const gauge = (name) => sum(now.samples, name)
  const rows = [
    ['Requests a second', rate('cascade_http_requests_total')], ['Slates a second', rate('cascade_recommendations_total')],
    ['Slate p50, ms', slow(0.5)], ['Slate p99, ms', slow(0.99)], ['Fallbacks a second', rate('cascade_fallback_total')],
    ['Short slates a second', rate('cascade_underfilled_total')], ['Failures (5xx) a second', rate('cascade_http_requests_total', (labels) => labels.status >= '500')],
    ['Live ANN recall', gauge('cascade_ann_live_recall_ratio')], ['Catalog lag, s', gauge('cascade_catalog_lag_seconds')],
    ['Database connections in use', gauge('cascade_db_pool_in_use')],
  ]
  return h('div', { class: 'tiles' }, rows.map(([name, value]) => h('div', { class: 'tile', 'data-name': name },
    h('span', { class: 'quiet' }, name), h('strong', {}, number(value)), line(lines, name, value))))
}

const scaled = (seconds) => seconds === null ? null : seconds * 1000

function routes(past, now, lines) {
  const seconds = (now.at - past.at) / 1000
  const names = [...new Set((now.samples.get('cascade_http_requests_total') ?? []).map((sample) => sample.labels.route))]
    .filter((name) => !name.startsWith('/inspector')).sort()
  if (names.length === 0) return h('p', { class: 'quiet' }, 'No requests yet.')
  return table(`Each ${everyMilliseconds / 1000} s`, ['Route', ['Total', 'numeric'], ['A second', 'numeric'], ['p50 ms', 'numeric'], ['p99 ms', 'numeric'], 'Rate'], names.map((name) => {
    const keep = (labels) => labels.route === name
    const rate = seconds > 0 ? growth(past.samples, now.samples, 'cascade_http_requests_total', keep) / seconds : null
    const at = (q) => number(scaled(quantile(past.samples, now.samples, duration, q, keep)))
    return [h('code', {}, name), number(sum(now.samples, 'cascade_http_requests_total', keep)), number(rate), at(0.5), at(0.99), line(lines, name, rate)]
  }), 'cards')
}

function health(state) {
  return [
    facts([
      ['State', h('span', { class: `state ${state.status}` }, state.status.replace('_', ' '))], ['Release', state.release_id],
      ['Index', state.index ? `${number(state.index.items)} items, ${age(state.index.age_seconds)} old` : null],
      ['Model', state.model ? `${age(state.model.age_seconds)} old` : null],
    ]),
    table('Checks', ['Name', 'State', 'Detail'], state.checks.map((check) => [check.name, h('span', { class: `state ${check.status}` }, check.status), check.detail])),
  ]
}

function jobs(page) {
  if (page.data.length === 0) return h('p', { class: 'quiet' }, 'None.')
  return table('The newest', ['Job', 'Kind', 'State', 'Created (UTC)', 'Finished (UTC)', 'Progress'], page.data.map((job) => [
    h('code', {}, job.job_id), job.kind, h('span', { class: `state ${job.state}` }, job.state), time(job.created_at), time(job.finished_at), job.error ?? job.progress,
  ]))
}

const isTime = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** Every figure by its name, as the server has it. */
function statistics(value) {
  const rows = []
  const visit = (part, path) => {
    if (Array.isArray(part)) { if (part.length) rows.push([path, part.every((one) => typeof one !== 'object') ? part.join(', ') : `${part.length}`]) }
    else if (part !== null && typeof part === 'object') for (const [name, inner] of Object.entries(part)) visit(inner, path ? `${path}.${name}` : name)
    else if (part !== null) rows.push([path, typeof part === 'number' ? number(part, 4) : isTime.test(part) ? time(part) : String(part)])
  }
  visit(value, '')
  return h('details', { open: true }, h('summary', {}, `${rows.length} figures`), facts(rows))
}

/** Seconds in the largest unit that fits. */
function age(seconds) {
  for (const [unit, length] of [['d', 86_400], ['h', 3600], ['min', 60]]) if (seconds >= length) return `${number(seconds / length, 2)} ${unit}`
  return `${number(seconds)} s`
}
