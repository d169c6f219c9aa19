// A slate as a table: what each item scored, and why it is there.

import { bar, facts, h, number, table } from './dom.js'

/** The slate; `explain` is called with the id of an item that is clicked. */
export function slate(answer, explain) {
  const most = largestHeads(answer.items)
  return [
    summary(answer),
    lookup(explain),
    table('The slate; bars are relative to the largest of each head in it',
      [['#', 'numeric'], 'Item', ['Score', 'numeric'], 'Heads', 'Sources', 'Reasons'],
      answer.items.map((item) => {
        const cells = [
          String(item.position + 1), itemButton(item.item_id, item.attributes?.title, explain), score(item),
          heads(item.heads, most), sources(item.sources), (item.reasons ?? []).map((reason) => h('span', { class: 'tag' }, reason.replaceAll('_', ' '))),
        ]
        cells.attributes = { 'data-item': item.item_id }
        return cells
      }), 'cards'),
  ]
}

/** The title and the id of an item, to be clicked. */
export function itemButton(id, title, explain) {
  return h('button', { type: 'button', class: 'item', title: 'Why, or why not', click: () => explain(id) },
    title ? h('span', {}, title) : null, h('code', {}, id))
}

function summary(answer) {
  const short = answer.underfilled
  return facts([
    ['Recommendation', h('code', {}, answer.recommendation_id)],
    ['Release', h('code', {}, answer.release_id ?? 'none')],
    ['Items', `${short.returned} of ${short.requested}${short.cause ? `, ${short.cause.replaceAll('_', ' ')}` : ''}`],
    ['Milliseconds', `${number(answer.timings_ms.total)} (retrieve ${number(answer.timings_ms.retrieve)}, rank ${number(answer.timings_ms.rank)})`],
    ['Fallback', answer.fallback.used ? h('strong', {}, (answer.fallback.reason ?? 'yes').replaceAll('_', ' ')) : 'no'],
    ['Degraded', answer.degraded.length ? h('strong', {}, answer.degraded.join(', ').replaceAll('_', ' ')) : 'no'],
    ...(answer.experiment ? [['A/B tests', Object.entries(answer.experiment).map((pair) => pair.join(': ')).join(', ')]] : []),
  ])
}

function lookup(explain) {
  return h('form', {
    class: 'ask small', submit: (event) => {
      event.preventDefault()
      const id = new FormData(event.target).get('item').trim()
      if (id) explain(id)
    },
  }, h('label', {}, h('span', {}, 'Why, or why not, item'), h('input', { name: 'item', autocomplete: 'off', spellcheck: 'false', required: true })), h('button', {}, 'Explain'))
}

function score(item) {
  const chance = item.propensity
  return [number(item.score), chance != null && chance < 1 ? h('small', { class: 'quiet' }, ` chosen with ${number(chance, 2)}`) : null]
}

function largestHeads(items) {
  const most = {}
  for (const item of items) {
    for (const [name, value] of Object.entries(item.heads ?? {})) most[name] = Math.max(most[name] ?? 0, Math.abs(value))
  }
  return most
}

/** A bar for each head. */
export function heads(values, most) {
  return h('div', { class: 'heads' }, Object.entries(values ?? {}).map(([name, value]) =>
    h('div', {}, h('span', {}, name), bar(Math.abs(value) / (most[name] || 1), `${name} ${number(value)}`), h('span', { class: 'numeric' }, number(value, 2)))))
}

/** Which sources brought an item, at which rank, by what. */
export function sources(marks) {
  return h('ul', { class: 'plain' }, (marks ?? []).map((mark) => h('li', {}, `${mark.name} #${mark.rank + 1}`, because(mark))))
}

function because(mark) {
  if (mark.because) return h('small', { class: 'quiet' }, ` by ${mark.because}`)
  if (!mark.interest) return null
  const interest = mark.interest
  const seeds = interest.because.length ? `, by ${interest.because.join(', ')}` : ''
  return h('small', { class: 'quiet' }, ` interest ${interest.name ?? interest.cluster}, ${number(interest.probability, 2)}${seeds}`)
}
