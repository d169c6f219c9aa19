// What came into each component, what stayed and what left.

import { bar, h, number, table } from './dom.js'
import { itemButton } from './slate.js'

const shortList = 40

/** The component runs of a trace. */
export function funnel(trace) {
  if (!trace) return h('p', { class: 'quiet' }, 'No trace came with the answer.')
  const most = Math.max(1, ...trace.stages.map((run) => Math.max(run.input_count ?? 0, staying(run) ?? 0)))
  const excluded = Object.entries(trace.excluded_before_retrieval ?? {})
  return [
    table(`${number(trace.latency_ms)} ms in all, ${trace.refill_rounds} refill rounds`,
      ['Stage', 'Component', ['In', 'numeric'], ['Out', 'numeric'], ['Left', 'numeric'], 'Stayed', ['ms', 'numeric'], 'Remark'],
      trace.stages.map((run) => {
        const out = staying(run)
        const cells = [
          run.stage.replaceAll('_', ' '), run.component + (run.round ? `, round ${run.round}` : ''), count(run.input_count), count(out),
          count(run.removed_count ?? run.non_selected_count), out == null ? '' : bar(out / most, `${out} stayed`), number(run.latency_ms), remark(run),
        ]
        cells.attributes = { 'data-component': run.component, class: run.enabled ? null : 'off' }
        return cells
      }), 'cards'),
    excluded.length === 0 ? '' : h('p', { class: 'quiet' }, `Kept out of the search beforehand: ${excluded.map(([name, n]) => `${n} by ${name}`).join(', ')}.`),
  ]
}

const staying = (run) => run.kept_count ?? run.candidate_count ?? run.selected_count

const count = (value) => value == null ? '' : number(value)

function remark(run) {
  const words = [run.enabled ? null : 'took no part', run.timed_out ? 'too late' : null, run.note, run.error].filter(Boolean)
  return run.error || run.timed_out ? h('strong', {}, words.join('; ')) : words.join('; ')
}

/** The candidates that filters removed, by filter. */
export function removed(trace, explain) {
  const byFilter = Map.groupBy((trace?.candidates ?? []).filter((candidate) => candidate.removed_by != null), (candidate) => candidate.removed_by)
  if (byFilter.size === 0) return h('p', { class: 'quiet' }, 'No filter removed a candidate.')
  return [...byFilter].sort((one, other) => other[1].length - one[1].length).map(([name, candidates]) =>
    h('details', { 'data-filter': name }, h('summary', {}, `${name}: ${number(candidates.length)}`), list(candidates, explain)))
}

/** What was scored and not placed, best first. */
export function passedOver(trace, explain) {
  const rest = (trace?.candidates ?? []).filter((candidate) => candidate.position == null && candidate.removed_by == null)
  if (rest.length === 0) return h('p', { class: 'quiet' }, 'Every candidate that was left has a place.')
  return h('details', {}, h('summary', {}, `${number(rest.length)} candidates`), list(rest, explain))
}

function list(candidates, explain) {
  const items = h('ul', { class: 'plain wide' })
  const add = (some) => items.append(...some.map((candidate) => h('li', {}, itemButton(candidate.item_id, null, explain),
    candidate.final_score == null ? '' : ` ${number(candidate.final_score)}`)))
  add(candidates.slice(0, shortList))
  if (candidates.length <= shortList) return items
  const more = h('button', { type: 'button', click: () => { add(candidates.slice(shortList)); more.remove() } }, `Show all ${candidates.length}`)
  return h('div', {}, items, more)
}
