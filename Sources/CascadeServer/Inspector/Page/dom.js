// Elements, made so that text from outside can only ever become text.

/** An element: attributes by name, listeners as functions by event, children as nodes or texts; null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value != null) element.setAttribute(name, String(value))
  }
  element.append(...children.flat().filter((child) => child != null && child !== false))
  return element
}

/** A table that scrolls by itself; columns are names, or [name, class]. A cell is a node or a text. */
export function table(caption, columns, rows, className = '') {
  const heads = columns.map((column) => [column].flat())
  return h('div', { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    h('table', { class: className }, h('caption', {}, caption),
      h('thead', {}, h('tr', {}, heads.map(([name, kind]) => h('th', { scope: 'col', class: kind }, name)))),
      h('tbody', {}, rows.map((cells) => h('tr', cells.attributes ?? {}, cells.map((cell, index) =>
        h('td', { class: heads[index][1], 'data-label': heads[index][0] }, Array.isArray(cell) ? h('div', {}, cell) : cell ?? '–')))))))
}

/** Names and values. */
export function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value ?? '–'))))
}

/** A part of the page with a heading; what `load` gives is put in when it is there, and its failure too. */
export function panel(title, load, attributes = {}) {
  const body = h('div', {}, h('p', { class: 'quiet' }, 'Loading…'))
  const id = `panel-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`
  const section = h('section', { ...attributes, 'aria-labelledby': id }, h('h2', { id }, title), body)
  Promise.resolve().then(load).then(
    (content) => body.replaceChildren(...[content].flat()),
    (error) => { if (error.name !== 'AbortError') body.replaceChildren(failure(error)) })
  return section
}

export function failure(error) {
  return h('p', { class: 'failure', role: 'alert' }, error.message)
}

/** A labelled field of a form. */
export function field(label, name, attributes = {}) {
  return h('label', {}, h('span', {}, label), h('input', { name, autocomplete: 'off', spellcheck: 'false', ...attributes }))
}

/** Shows `content` over the page until it is closed; Escape closes it too. */
export function dialog(title, ...content) {
  const close = h('button', { type: 'button', click: () => box.close() }, 'Close')
  const box = h('dialog', { 'aria-label': title, close: () => box.remove() }, h('h2', {}, title), content, h('p', { class: 'actions' }, close))
  document.body.append(box)
  box.showModal()
  return box
}

/** Whether the operator means it. */
export function confirmed(question, word) {
  return new Promise((resolve) => {
    let answer = false
    const box = h('dialog', { 'aria-label': question, close: () => { box.remove(); resolve(answer) } }, h('p', {}, question),
      h('p', { class: 'actions' },
        h('button', { type: 'button', autofocus: true, click: () => box.close() }, 'Cancel'),
        h('button', { type: 'button', class: 'danger', click: () => { answer = true; box.close() } }, word)))
    document.body.append(box)
    box.showModal()
  })
}

/** A number with `digits` significant digits; a dash for none. */
export function number(value, digits = 3) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–'
  if (Number.isInteger(value)) return value.toLocaleString('en')
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(digits)))
}

/** A time as UTC text to the second. */
export function time(text) {
  return text ? h('time', { datetime: text }, text.replace('T', ' ').replace(/(\.\d+)?Z$/, '')) : '–'
}

/** A bar of `share` of its width, 0 to 1. */
export function bar(share, label) {
  const fill = h('span', { class: 'fill' })
  fill.style.inlineSize = `${Math.max(0, Math.min(1, share || 0)) * 100}%`
  return h('span', { class: 'bar', role: 'img', 'aria-label': label }, fill)
}
