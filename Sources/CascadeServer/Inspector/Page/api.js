// The one way to the server: its REST interface, with what lets the caller in.

const kept = {
  get(name) { try { return sessionStorage.getItem(name) ?? '' } catch { return '' } },
  set(name, value) { try { sessionStorage.setItem(name, value) } catch { /* a browser that keeps nothing */ } },
}

let key = kept.get('cascade.key')
let token = kept.get('cascade.token')
let unauthorized = () => {}

/** Called when the server asks for a key, or refuses the one it got. */
export function onUnauthorized(action) { unauthorized = action }

export function useKey(text) {
  key = text
  kept.set('cascade.key', text)
}

/** Takes the token of the link that the server logged, and takes it out of the address, which histories and screens show. */
export function takeToken(params) {
  const given = params.get('token')
  if (given === null) return false
  token = given
  kept.set('cascade.token', given)
  return true
}

export const mayAdminister = () => key !== '' || token !== ''

/** An identifier as a segment of a path. */
export const segment = (id) => encodeURIComponent(id)

/** What the server answered instead. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`)
    this.status = status
    this.code = problem?.code
  }
}

async function send(path, options) {
  const headers = { ...options.headers }
  if (key) headers.Authorization = `Bearer ${key}`
  let answer
  try {
    answer = await fetch(path, { ...options, headers, cache: 'no-store', credentials: 'omit' })
  } catch (error) {
    if (error.name === 'AbortError') throw error
    throw new Error('The server cannot be reached.')
  }
  if (answer.status === 401) unauthorized(key !== '')
  return answer
}

async function json(answer) {
  const body = await answer.json().catch(() => null)
  if (!answer.ok) throw new Refusal(answer.status, body)
  return body
}

/** The JSON at `path`. */
export async function get(path, signal) { return json(await send(path, { signal })) }

/** The JSON at `path`, or null where nothing is there. */
export async function find(path, signal) {
  try { return await get(path, signal) } catch (error) {
    if (error.status === 404) return null
    throw error
  }
}

/** The answer to `body`. */
export async function post(path, body, signal) {
  return json(await send(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), signal }))
}

/** A change of what is served; needs the scope `admin`, or the token. */
export async function administer(path) {
  return json(await send(path, { method: 'POST', headers: token ? { 'X-Inspector-Token': token } : {} }))
}

/** The text at `path`. */
export async function text(path, signal) {
  const answer = await send(path, { signal })
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => null))
  return answer.text()
}

/** What the server says of its readiness; an answer also when it is not ready. */
export async function readiness(signal) { return (await send('/health/ready', { signal })).json() }
