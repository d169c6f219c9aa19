// Two slates of one user beside each other, and what moved between them.

import { get, post, segment } from './api.js'
import { field, h, number, panel } from './dom.js'
import { showExplanation } from './explain.js'
import { itemButton } from './slate.js'

const knobs = [
  ['creator_decay', 'Creator decay', 0, 1], ['creator_floor', 'Creator floor', 0, 1],
  ['max_per_creator', 'Most per creator', 0, 1000], ['max_per_category', 'Most per category', 0, 1000],
]

export function showCompare(main, params, signal) {
  main.append(form(params))
  if (!params.has('user') && !params.has('a_id')) {
    main.append(h('p', { class: 'quiet' }, 'Two slates of one user under other weights of heads, by another release, or with another diversity; or a stored recommendation against a fresh slate. Empty fields are the configuration’s. Besides the active release, the one that is scored beside it can be named.'))
    return
  }
  main.append(panel('Comparison', async () => {
    const [one, other] = await Promise.all([slateOf(params, 'a', signal), slateOf(params, 'b', signal)])
    return compared(one, other)
  }, { id: 'comparison' }))
}

function form(params) {
  const value = (name) => params.get(name) ?? ''
  const side = (name, title) => h('fieldset', {}, h('legend', {}, title),
    field('Stored recommendation id', `${name}_id`, { value: value(`${name}_id`), placeholder: 'empty: a fresh slate' }),
    field('Release', `${name}_release`, { value: value(`${name}_release`), placeholder: 'empty: the active one' }),
    field('Weights', `${name}_weights`, { value: value(`${name}_weights`), placeholder: 'such as like=3 click=0.5' }),
    knobs.map(([key, label, low, high]) => field(label, `${name}_${key}`, { type: 'number', min: low, max: high, step: high > 1 ? 1 : 0.01, value: value(`${name}_${key}`) })))
  return h('form', { class: 'ask', submit: ask },
    field('User id', 'user', { value: value('user'), autofocus: !params.has('user') }),
    field('Items', 'limit', { type: 'number', min: 1, max: 500, value: value('limit') || '20' }),
    field('Seed', 'seed', { type: 'number', min: 0, step: 1, value: value('seed') || '1' }),
    h('div', { class: 'sides' }, side('a', 'Slate A'), side('b', 'Slate B')), h('button', {}, 'Compare'))
}

function ask(event) {
  event.preventDefault()
  const params = new URLSearchParams({ view: 'compare' })
  for (const [name, text] of new FormData(event.target)) if (text.trim() !== '' || name === 'user') params.set(name, text.trim())
  if (location.hash === `#${params}`) dispatchEvent(new HashChangeEvent('hashchange'))
  else location.hash = params
}

/** The slate of a side: stored, as its trace has it, or fresh. */
async function slateOf(params, side, signal) {
  const id = params.get(`${side}_id`)
  if (id) {
    const { trace, ...rest } = await get(`/v1/recommendations/${segment(id)}/explain`, signal)
    const items = trace.candidates.filter((candidate) => candidate.position != null).sort((one, other) => one.position - other.position)
    return { title: `${id}, of ${rest.user_id ?? 'a visitor'}`, answer: { ...rest, trace }, items: items.map((item) => ({ id: item.item_id, score: item.final_score })) }
  }
  const diversity = {}
  for (const [key] of knobs) if (params.get(`${side}_${key}`)) diversity[key] = Number(params.get(`${side}_${key}`))
  const user = params.get('user') ?? ''
  const weights = weighed(params.get(`${side}_weights`))
  const release = params.get(`${side}_release`)
  const answer = await post('/v1/recommendations', {
    user_id: user === '' ? null : user, limit: Number(params.get('limit') ?? 20), seed: Number(params.get('seed') ?? 1),
    diversity, weights, release_id: release || null, include: ['scores', 'attributes'], debug: true,
  }, signal)
  const changed = [...(release ? [release] : []), ...Object.entries({ ...weights, ...diversity }).map(([key, value]) => `${key} ${value}`)].join(', ')
  return {
    title: changed || 'as configured', answer,
    items: answer.items.map((item) => ({ id: item.item_id, score: item.score, title: item.attributes?.title })),
  }
}

/** `like=3 click=0.5` as an object. */
function weighed(text) {
  return Object.fromEntries((text ?? '').split(/[\s,]+/).filter(Boolean).map((part) => {
    const [, name, value] = part.match(/^([^=]+)=(-?\d*\.?\d+(?:e-?\d+)?)$/i) ?? []
    if (name === undefined) throw new Error(`“${part}” is no weight; write name=number, such as like=3.`)
    return [name, Number(value)]
  }))
}

function compared(one, other) {
  const places = (side) => new Map(side.items.map((item, index) => [item.id, index]))
  const [before, after] = [places(one), places(other)]
  const shared = [...after.keys()].filter((id) => before.has(id))
  const moved = shared.filter((id) => before.get(id) !== after.get(id)).length
  const titles = new Map([...one.items, ...other.items].filter((item) => item.title).map((item) => [item.id, item.title]))
  return [
    h('p', { id: 'moved' }, `${shared.length} items are in both, ${moved} of them moved; ${after.size - shared.length} came in, ${before.size - shared.length} went out.`),
    h('div', { class: 'sides' },
      side('A', one, titles, (id) => after.has(id) ? null : ['out', 'goes out']),
      side('B', other, titles, (id, index) => {
        if (!before.has(id)) return ['in', 'comes in']
        const up = before.get(id) - index
        if (up === 0) return null
        return up > 0 ? ['up', `up ${up}`] : ['down', `down ${-up}`]
      })),
  ]
}

function side(letter, slate, titles, mark) {
  return h('div', {}, h('h3', {}, `${letter}: ${slate.title}`),
    h('ol', { class: 'slate' }, slate.items.map((item, index) => {
      const found = mark(item.id, index)
      return h('li', { 'data-item': item.id, 'data-mark': found?.[0] },
        itemButton(item.id, titles.get(item.id), (id) => showExplanation(slate.answer, id)),
        h('span', { class: 'numeric' }, number(item.score)), found ? h('span', { class: `mark ${found[0]}` }, found[1]) : null)
    })))
}
