// A small line of the last values.

const space = 'http://www.w3.org/2000/svg'
const [width, height] = [120, 28]

/** An SVG line of `values`, nulls left out; from 0 to the largest. */
export function sparkline(values, label) {
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  svg.setAttribute('class', 'spark')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', label)
  const most = Math.max(1e-9, ...values.filter((value) => value != null))
  const step = width / Math.max(1, values.length - 1)
  const points = values.map((value, index) => value == null ? null
    : `${(index * step).toFixed(1)},${(height - 2 - (height - 4) * value / most).toFixed(1)}`).filter(Boolean)
  const line = document.createElementNS(space, 'polyline')
  line.setAttribute('points', points.join(' '))
  svg.append(line)
  return svg
}
