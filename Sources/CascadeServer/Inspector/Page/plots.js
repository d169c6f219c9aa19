// Pictures of how a release was trained and measured: lines, reliability, bars.

import { h, number, table } from './dom.js'

const space = 'http://www.w3.org/2000/svg'
const [width, height] = [340, 220]
const edge = { left: 46, right: 10, top: 10, bottom: 34 }
const strokes = ['one', 'other']

function shape(tag, attributes, ...children) {
  const element = document.createElementNS(space, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  element.append(...children)
  return element
}

/** Round numbers from `low` to `high`, about five of them. */
function ticks(low, high) {
  const rough = (high - low) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power
  const marks = []
  for (let mark = Math.ceil(low / step) * step; mark <= high + step / 1e6; mark += step) marks.push(Number(mark.toPrecision(12)))
  return marks
}

/** A frame with axes; gives the drawing and how values become places. */
function frame(label, [lowX, highX], [lowY, highY], xTitle, yTitle) {
  const x = (value) => edge.left + (value - lowX) / (highX - lowX || 1) * (width - edge.left - edge.right)
  const y = (value) => height - edge.bottom - (value - lowY) / (highY - lowY || 1) * (height - edge.top - edge.bottom)
  const svg = shape('svg', { viewBox: `0 0 ${width} ${height}`, class: 'plot', role: 'img', 'aria-label': label })
  for (const mark of ticks(lowX, highX)) {
    svg.append(shape('line', { class: 'grid', x1: x(mark), x2: x(mark), y1: y(lowY), y2: y(highY) }),
      shape('text', { x: x(mark), y: height - edge.bottom + 13, 'text-anchor': 'middle' }, number(mark)))
  }
  for (const mark of ticks(lowY, highY)) {
    svg.append(shape('line', { class: 'grid', x1: x(lowX), x2: x(highX), y1: y(mark), y2: y(mark) }),
      shape('text', { x: edge.left - 5, y: y(mark) + 3, 'text-anchor': 'end' }, number(mark)))
  }
  svg.append(shape('text', { x: (edge.left + width - edge.right) / 2, y: height - 4, 'text-anchor': 'middle' }, xTitle),
    shape('text', { x: 2, y: edge.top, class: 'title' }, yTitle))
  return { svg, x, y }
}

/** The picture with its title, what its lines stand for, and its numbers for who cannot see it. */
function figure(title, svg, names, columns, rows) {
  return h('figure', {}, h('figcaption', {}, title), svg,
    names.length > 1 ? h('p', { class: 'legend' }, names.map((name, place) => h('span', { class: `key ${strokes[place]}` }, name))) : null,
    h('details', {}, h('summary', {}, 'Numbers'), table(title, columns, rows)))
}

const points = (list, x, y) => list.map(([one, other]) => `${x(one).toFixed(1)},${y(other).toFixed(1)}`).join(' ')

/** Lines over the same axes: `series` are { name, points: [[x, y]] }. */
export function lines(title, series, xTitle, yTitle) {
  const all = series.flatMap((one) => one.points)
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)]
  const low = Math.min(...ys)
  const high = Math.max(...ys)
  const room = (high - low) * 0.05 || Math.abs(high) * 0.05 || 1
  const { svg, x, y } = frame(title, [0, Math.max(...xs)], [low - room, high + room], xTitle, yTitle)
  series.forEach((one, place) => {
    svg.append(shape('polyline', { class: `line ${strokes[place]}`, points: points(one.points, x, y) }))
    if (one.points.length === 1) svg.append(shape('circle', { class: `dot ${strokes[place]}`, cx: x(one.points[0][0]), cy: y(one.points[0][1]), r: 3 }))
  })
  return figure(title, svg, series.map((one) => one.name), ['Of', [xTitle, 'numeric'], [yTitle, 'numeric']],
    series.flatMap((one) => one.points.map(([at, value]) => [one.name, number(at), number(value, 4)])))
}

/** What was said against what happened, on the diagonal where both are the same: `series` are { name, bins }. */
export function reliability(title, series) {
  const bins = series.flatMap((one) => one.bins)
  const most = Math.min(1, Math.max(0.01, ...bins.flatMap((bin) => [bin.mean_prediction, bin.rate])) * 1.05)
  const { svg, x, y } = frame(title, [0, most], [0, most], 'said', 'happened')
  svg.append(shape('line', { class: 'grid diagonal', x1: x(0), y1: y(0), x2: x(most), y2: y(most) }))
  series.forEach((one, place) => {
    const list = one.bins.map((bin) => [bin.mean_prediction, bin.rate])
    svg.append(shape('polyline', { class: `line ${strokes[place]}`, points: points(list, x, y) }),
      ...list.map(([said, rate]) => shape('circle', { class: `dot ${strokes[place]}`, cx: x(said), cy: y(rate), r: 3 })))
  })
  return figure(title, svg, series.map((one) => one.name), ['Of', ['Rows', 'numeric'], ['Said', 'numeric'], ['Happened', 'numeric']],
    series.flatMap((one) => one.bins.map((bin) => [one.name, number(bin.rows), number(bin.mean_prediction), number(bin.rate)])))
}

/** Shares of tenths of the catalog, the most popular first: `series` are { name, shares }. */
export function tenths(title, series) {
  const most = Math.max(0.01, ...series.flatMap((one) => one.shares)) * 1.05
  const { svg, x, y } = frame(title, [0, 10], [0, most], 'tenth of the catalog, the most popular first', 'share of the lists')
  series.forEach((one, place) => one.shares.forEach((share, tenth) => {
    const thick = 0.8 / series.length
    const [left, right] = [x(tenth + 0.1 + place * thick), x(tenth + 0.1 + (place + 1) * thick)]
    svg.append(shape('rect', { class: `block ${strokes[place]}`, x: left, width: right - left, y: y(share), height: y(0) - y(share) }))
  }))
  return figure(title, svg, series.map((one) => one.name), ['Of', ['Tenth', 'numeric'], ['Share', 'numeric']],
    series.flatMap((one) => one.shares.map((share, tenth) => [one.name, number(tenth + 1), number(share)])))
}
