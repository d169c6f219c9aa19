// The text format of /metrics, and what can be told from two looks at it.

/** The samples by name: lists of { labels, value }. */
export function parse(text) {
  const samples = new Map()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const match = /^([A-Za-z_:][\w:]*)(\{(.*)\})?\s+(\S+)/.exec(line)
    if (!match) continue
    const list = samples.get(match[1]) ?? []
    list.push({ labels: labels(match[3] ?? ''), value: match[4] === '+Inf' ? Infinity : Number(match[4]) })
    samples.set(match[1], list)
  }
  return samples
}

function labels(text) {
  const found = {}
  for (const [, name, value] of text.matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    found[name] = value.replace(/\\(.)/g, (_, letter) => letter === 'n' ? '\n' : letter)
  }
  return found
}

/** The sum of the samples of a name that `keep` takes; null where there are none. */
export function sum(samples, name, keep = () => true) {
  const list = (samples.get(name) ?? []).filter((sample) => keep(sample.labels))
  return list.length === 0 ? null : list.reduce((total, sample) => total + sample.value, 0)
}

/** What a counter grew by; what it is where it began anew. */
export function growth(before, after, name, keep) {
  const [old, now] = [sum(before, name, keep) ?? 0, sum(after, name, keep) ?? 0]
  return now < old ? now : now - old
}

/** The quantile `q` of what a histogram counted between two looks, in its unit; null where nothing was. */
export function quantile(before, after, name, q, keep) {
  const bounds = [...new Set((after.get(`${name}_bucket`) ?? []).filter((sample) => keep(sample.labels)).map((sample) => sample.labels.le))]
    .sort((one, other) => bound(one) - bound(other))
  const counts = bounds.map((le) => growth(before, after, `${name}_bucket`, (found) => found.le === le && keep(found)))
  const total = counts.at(-1) ?? 0
  if (total === 0) return null
  const index = counts.findIndex((count) => count >= q * total)
  const low = index === 0 ? 0 : bound(bounds[index - 1])
  const high = bound(bounds[index])
  if (!Number.isFinite(high)) return low
  const under = index === 0 ? 0 : counts[index - 1]
  // Within a bucket values are taken as evenly spread.
  return low + (high - low) * (q * total - under) / (counts[index] - under)
}

const bound = (le) => le === '+Inf' ? Infinity : Number(le)
