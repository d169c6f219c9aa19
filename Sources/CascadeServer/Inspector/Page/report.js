// How one release, or two beside each other, were trained and measured.

import { get, segment } from './api.js'
import { failure, h } from './dom.js'
import { lines, reliability, tenths } from './plots.js'

/** Fills `place` with the pictures of the releases of these ids; of several calls the last counts. */
export async function showReports(place, ids, signal) {
  const call = {}
  calls.set(place, call)
  place.replaceChildren(h('p', { class: 'quiet' }, 'Loading…'))
  try {
    const releases = await Promise.all([...new Set(ids)].map((id) => get(`/v1/releases/${segment(id)}`, signal)))
    if (calls.get(place) === call) place.replaceChildren(...pictures(releases))
  } catch (error) {
    if (error.name !== 'AbortError' && calls.get(place) === call) place.replaceChildren(failure(error))
  }
}

const calls = new WeakMap()

function pictures(releases) {
  const told = releases.filter((release) => release.report)
  const silent = releases.filter((release) => !release.report).map((release) => h('p', { class: 'quiet' },
    `Nothing of the training of ${release.release_id} is kept: it was rebuilt, calibrated or made by an older version.`))
  const parts = [
    ['Training', grouped(told, 'curves', (curve) => curve.model, (name, curve) => ({ name, points: curve.points.map((point) => [point.step, point.loss]) }))
      .map(([model, series]) => lines(`Loss: ${model}`, series, 'step', 'loss'))],
    ['Calibration', grouped(told, 'reliability', (head) => head.head, (name, head) => ({ name, bins: head.served.bins }))
      .map(([head, series]) => reliability(`Reliability: ${head}`, series))],
    ['Popularity', grouped(told, 'popularity', (spread) => spread.name, (name, spread) => ({ name, shares: spread.popularity.deciles }))
      .map(([name, series]) => tenths(`Lists of ${name}`, series))],
  ]
  return silent.concat(parts.filter(([, figures]) => figures.length > 0).flatMap(([title, figures]) => [h('h3', {}, title), h('div', { class: 'figures' }, figures)]))
}

/** The parts of all reports by what they are of, each with its releases. */
function grouped(releases, part, key, make) {
  const groups = new Map()
  for (const release of releases) {
    for (const one of release.report[part] ?? []) groups.set(key(one), [...(groups.get(key(one)) ?? []), make(release.release_id, one)])
  }
  return [...groups]
}
