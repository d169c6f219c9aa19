import Synchronization

/// The metrics of a process; safe to use from any thread.
///
/// Asking for the same metric again gives the same family. A name has one kind for good: whoever asks for it as another
/// kind gets a family of its own that is not exposed.
package final class MetricRegistry: Sendable {
    private let families = Mutex<[String: any AnyMetricFamily]>([:])

    package init() {}

    /// The counters of a metric.
    package func counter(_ metric: Metric) -> MetricFamily<Counter> { family(metric) }

    /// The gauges of a metric.
    package func gauge(_ metric: Metric) -> MetricFamily<Gauge> { family(metric) }

    /// The histograms of a metric.
    package func histogram(_ metric: Metric) -> MetricFamily<Histogram> { family(metric) }

    /// Exposes what `read` gives at that moment; a later callback for the same name replaces it.
    package func callback(_ metric: Metric, read: @escaping @Sendable () -> [MetricSample]) {
        families.withLock { $0[metric.name] = CallbackFamily(metric: metric, read: read) }
    }

    /// Exposes one value that `read` gives at that moment.
    package func callback(_ metric: Metric, value: @escaping @Sendable () -> Double) {
        callback(metric, read: { [MetricSample(value())] })
    }

    /// Everything in Prometheus' text format, sorted by name and label values.
    package func text() -> String {
        let sorted = families.withLock { Array($0.values) }.sorted { $0.metric.name < $1.metric.name }
        var text = ""
        for family in sorted {
            text += PrometheusText.header(of: family.metric)
            family.append(to: &text)
        }
        return text
    }

    private func family<Series: MetricSeries>(_ metric: Metric) -> MetricFamily<Series> {
        families.withLock { families in
            guard let existing = families[metric.name] else {
                let made = MetricFamily<Series>(metric: metric)
                families[metric.name] = made
                return made
            }
            return existing as? MetricFamily<Series> ?? MetricFamily<Series>(metric: metric)
        }
    }
}
