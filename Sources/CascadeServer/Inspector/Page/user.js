// A user: what is known of them, and what they would be shown now.

import { find, get, post, segment } from './api.js'
import { facts, field, h, panel, table, time } from './dom.js'
import { showExplanation } from './explain.js'
import { funnel, passedOver, removed } from './funnel.js'
import { slate } from './slate.js'

const historyLength = 20
/** Titles that are asked for one by one; more would be more requests than the list is worth. */
const titledEvents = 10

export function showUser(main, params, signal) {
  const user = params.get('user')
  main.append(form(params))
  if (user === null) {
    main.append(h('p', { class: 'quiet' }, 'Give the id of a user to see the history, a fresh slate and how it came about. An empty id is a visitor whom nobody knows.'))
    return
  }
  const made = requested(user, params, signal)
  main.append(
    panel('Slate', async () => drawn(await made), { id: 'slate' }),
    panel('Funnel', async () => funnel((await made).trace), { id: 'funnel' }),
    panel('Removed by filters', async () => removed((await made).trace, explainer(await made)), { id: 'removed' }),
    panel('Scored, not placed', async () => passedOver((await made).trace, explainer(await made)), { id: 'passed' }))
  if (user === '') return
  const path = `/v1/users/${segment(user)}`
  main.append(
    panel('User', async () => attributes(await find(path, signal)), { id: 'user' }),
    panel('History', async () => history(await get(`${path}/events?limit=${historyLength}`, signal), signal), { id: 'history' }),
    panel('Hidden by the user', async () => hidden(await get(`${path}/hidden?limit=100`, signal)), { id: 'hidden' }))
}

/** The form of the views that begin with a user; `submit` leads to the same view with other parameters. */
function form(params) {
  const input = { user: params.get('user') ?? '', limit: params.get('limit') ?? '20' }
  return h('form', { class: 'ask', role: 'search', submit: ask },
    field('User id', 'user', { value: input.user, autofocus: params.get('user') === null }),
    field('Items', 'limit', { type: 'number', min: 1, max: 500, value: input.limit }),
    field('Show seen items too', 'seen', { type: 'checkbox', checked: params.get('seen') === 'true' }),
    h('button', {}, 'Show'))
}

function ask(event) {
  event.preventDefault()
  const data = new FormData(event.target)
  const params = new URLSearchParams({ view: 'user', user: data.get('user').trim(), limit: data.get('limit') || '20' })
  if (data.has('seen')) params.set('seen', 'true')
  if (location.hash === `#${params}`) dispatchEvent(new HashChangeEvent('hashchange'))
  else location.hash = params
}

function requested(user, params, signal) {
  return post('/v1/recommendations', {
    user_id: user === '' ? null : user, limit: Number(params.get('limit') ?? 20), include: ['scores', 'reasons', 'attributes'],
    filters: { exclude_seen: params.get('seen') !== 'true' }, debug: true,
  }, signal)
}

const explainer = (answer) => (item) => showExplanation(answer, item)

function drawn(answer) {
  setTimeout(() => {
    // Laid out, for whoever measures the page.
    document.getElementById('slate')?.getBoundingClientRect()
    document.body.dataset.slateMs = Math.round(performance.now())
  })
  return slate(answer, explainer(answer))
}

function attributes(user) {
  if (user === null) return h('p', { class: 'quiet' }, 'Nobody wrote attributes of this user.')
  return facts([
    ['User', user.user_id], ['Created', time(user.created_at)],
    ...Object.entries(user.attributes ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
  ])
}

async function history(page, signal) {
  if (page.data.length === 0) return h('p', { class: 'quiet' }, 'No events are known.')
  const ids = [...new Set(page.data.map((event) => event.item_id))].slice(0, titledEvents)
  const items = await Promise.all(ids.map((id) => find(`/v1/items/${segment(id)}`, signal).catch(() => null)))
  const titles = new Map(ids.map((id, index) => [id, items[index]?.title]))
  const caption = page.next_cursor ? `The last ${page.data.length} events` : `All ${page.data.length} events`
  return table(caption, ['When (UTC)', 'Type', 'Item', ['Value', 'numeric'], 'Surface'], page.data.map((event) => [
    time(event.occurred_at), event.type, h('span', {}, titles.get(event.item_id) ?? '', ' ', h('code', {}, event.item_id)),
    event.value == null ? '–' : String(event.value), event.surface,
  ]))
}

function hidden(page) {
  if (page.data.length === 0) return h('p', { class: 'quiet' }, 'None.')
  return table(`${page.data.length}${page.next_cursor ? '+' : ''} items`, ['Item', 'Since (UTC)'],
    page.data.map((wish) => [h('code', {}, wish.item_id), time(wish.hidden_at)]))
}
