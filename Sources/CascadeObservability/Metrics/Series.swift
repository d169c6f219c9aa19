import Synchronization

/// One time series of a family.
package protocol MetricSeries: AnyObject, Sendable {
    /// Makes a series at zero.
    init(metric: Metric)
    /// Appends the lines of the series; `labels` is the text between the braces, without them.
    func append(to text: inout String, name: String, labels: String)
}

/// A number that only grows.
package final class Counter: MetricSeries {
    private let total = Mutex(0.0)

    package init(metric: Metric) {}

    /// The sum so far.
    package var value: Double { total.withLock { $0 } }

    /// Adds an amount; a negative or non-finite one is left out, since a counter never falls.
    package func add(_ amount: Double = 1) {
        guard amount > 0, amount.isFinite else { return }
        total.withLock { $0 += amount }
    }

    package func append(to text: inout String, name: String, labels: String) {
        text.appendSample(name, labels: labels, value: value)
    }
}

/// A number that goes up and down.
package final class Gauge: MetricSeries {
    private let current = Mutex(0.0)

    package init(metric: Metric) {}

    /// The value now.
    package var value: Double { current.withLock { $0 } }

    /// Replaces the value.
    package func set(_ value: Double) { current.withLock { $0 = value } }

    /// Adds an amount, which may be negative.
    package func add(_ amount: Double) { current.withLock { $0 += amount } }

    package func append(to text: inout String, name: String, labels: String) {
        text.appendSample(name, labels: labels, value: value)
    }
}

/// How often values fell into each of some fixed buckets, with their number and sum.
package final class Histogram: MetricSeries {
    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    package init(metric: Metric) {
        bounds = metric.buckets
        state = Mutex(State(counts: [UInt64](repeating: 0, count: metric.buckets.count + 1)))
    }

    /// The number of values so far.
    package var count: UInt64 { state.withLock { $0.counts.reduce(0, +) } }

    /// The sum of the values so far.
    package var sum: Double { state.withLock { $0.sum } }

    /// Counts a value; one that is not finite is left out, since it would spoil the sum for good.
    package func observe(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    package func append(to text: inout String, name: String, labels: String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let prefix = labels.isEmpty ? "" : labels + ","
        var cumulative: UInt64 = 0
        for (index, count) in counts.enumerated() {
            cumulative += count
            let bound = index < bounds.count ? PrometheusText.number(bounds[index]) : "+Inf"
            text.appendSample(name + "_bucket", labels: "\(prefix)le=\"\(bound)\"", value: Double(cumulative))
        }
        text.appendSample(name + "_sum", labels: labels, value: sum)
        text.appendSample(name + "_count", labels: labels, value: Double(cumulative))
    }
}

extension String {
    fileprivate mutating func appendSample(_ name: String, labels: String, value: Double) {
        self += name
        if !labels.isEmpty { self += "{\(labels)}" }
        self += " \(PrometheusText.number(value))\n"
    }
}
