// Why an item is in a slate, or why not.

import { find, segment } from './api.js'
import { dialog, facts, failure, h, number } from './dom.js'
import { heads, sources } from './slate.js'

const words = {
  shown: 'It is in the slate.', removed: 'A filter took it out.',
  not_selected: 'It was scored, and others were placed before it.', not_retrieved: 'No source brought it.',
}

/** Opens what is known of `item` in the slate `answer`. */
export async function showExplanation(answer, item) {
  const place = h('div', {}, h('p', { class: 'quiet' }, 'Loading…'))
  dialog(`Item ${item}`, place)
  try {
    const stored = await find(`/v1/recommendations/${segment(answer.recommendation_id)}/explain?item_id=${encodeURIComponent(item)}`)
    const known = await find(`/v1/items/${segment(item)}`)
    place.replaceChildren(...content(stored ?? ofAnswer(answer, item), known, stored !== null))
  } catch (error) {
    place.replaceChildren(failure(error))
  }
}

/** The same from the trace that came with the answer: traces are stored of a share of the requests, and a moment later. */
function ofAnswer(answer, item) {
  const candidate = answer.trace?.candidates.find((one) => one.item_id === item) ?? null
  let verdict = 'not_selected'
  if (candidate === null) verdict = 'not_retrieved'
  else if (candidate.position != null) verdict = 'shown'
  else if (candidate.removed_by != null) verdict = 'removed'
  return { verdict, candidate, detail: candidate?.removed_by ? `removed by ${candidate.removed_by}` : null }
}

function content(explanation, known, isStored) {
  const candidate = explanation.candidate
  const values = Object.values(candidate?.heads ?? {}).map(Math.abs)
  const most = Object.fromEntries(Object.keys(candidate?.heads ?? {}).map((name) => [name, Math.max(1e-9, ...values)]))
  return [
    h('p', { 'data-verdict': explanation.verdict }, h('strong', {}, words[explanation.verdict] ?? explanation.verdict), explanation.detail ? ` ${explanation.detail}` : ''),
    known === null ? h('p', { class: 'quiet' }, 'The catalog has no such item.')
      : facts([['Title', known.title], ['Creator', known.creator_id], ['Categories', (known.categories ?? []).join(', ')], ['Hidden', known.hidden ? 'yes' : 'no']]),
    candidate === null ? '' : facts([
      ['Place', candidate.position == null ? 'none' : String(candidate.position + 1)], ['Retrieval score', number(candidate.retrieval_score)],
      ['Weighted score', number(candidate.weighted_score)], ['Left by diversity', number(candidate.diversity_multiplier)],
      ['Final score', number(candidate.final_score)], ['Propensity', number(candidate.propensity)],
    ]),
    candidate === null ? '' : h('div', {}, sources(candidate.sources), heads(candidate.heads, most)),
    isStored ? '' : h('p', { class: 'quiet' }, 'From the trace of this answer; no trace of it is stored (yet), see pipeline.trace_sample_rate.'),
  ]
}
