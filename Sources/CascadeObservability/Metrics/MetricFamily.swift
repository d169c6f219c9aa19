import Synchronization

/// The time series of one metric, one for each combination of label values.
package final class MetricFamily<Series: MetricSeries>: Sendable {
    /// More combinations than this share one series, so that a mistaken label cannot eat the memory.
    package static var maximumSeries: Int { 2000 }

    /// What the family measures.
    package let metric: Metric
    private let series = Mutex<[[String]: Series]>([:])

    init(metric: Metric) { self.metric = metric }

    /// The series of these label values, in the order of `metric.labels`; missing ones are empty, further ones dropped.
    ///
    /// Keep the series where it is used often: the look-up takes a lock and hashes the values.
    package func with(_ values: [String]) -> Series {
        var key = Array(values.prefix(metric.labels.count))
        while key.count < metric.labels.count { key.append("") }
        return series.withLock { series in
            if let found = series[key] { return found }
            if series.count >= Self.maximumSeries {
                key = [String](repeating: "overflow", count: metric.labels.count)
                if let found = series[key] { return found }
            }
            let made = Series(metric: metric)
            series[key] = made
            return made
        }
    }

    /// The series of these label values; see `with(_:)`.
    package func with(_ values: String...) -> Series { with(values) }

    /// Drops all series, for a metric whose label values change as a whole, such as the served versions.
    package func reset() { series.withLock { $0.removeAll() } }
}

/// What the registry needs of a family, whatever its series are.
protocol AnyMetricFamily: Sendable {
    var metric: Metric { get }
    func append(to text: inout String)
}

extension MetricFamily: AnyMetricFamily {
    func append(to text: inout String) {
        let sorted = series.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
        for (values, series) in sorted {
            series.append(
                to: &text, name: metric.name, labels: PrometheusText.labels(metric.labels, values))
        }
    }
}

/// One value of a family that is read when it is exposed.
package struct MetricSample: Sendable {
    /// Values of the labels, in the order of the metric.
    package var labels: [String]
    /// The value now.
    package var value: Double

    package init(_ value: Double, labels: [String] = []) {
        self.labels = labels
        self.value = value
    }
}

/// A family whose values are read when they are exposed.
final class CallbackFamily: AnyMetricFamily {
    let metric: Metric
    private let read: @Sendable () -> [MetricSample]

    init(metric: Metric, read: @escaping @Sendable () -> [MetricSample]) {
        self.metric = metric
        self.read = read
    }

    func append(to text: inout String) {
        for sample in read() {
            let labels = PrometheusText.labels(metric.labels, sample.labels)
            text += metric.name + (labels.isEmpty ? "" : "{\(labels)}") + " \(PrometheusText.number(sample.value))\n"
        }
    }
}
