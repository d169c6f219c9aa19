import CascadeObservability

/// The metrics of the server; labels take few values, whatever is sent.
struct HTTPMetrics: Sendable {
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let requests: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>
    private let events: MetricFamily<Counter>
    private let limited: MetricFamily<Counter>

    init(registry: MetricRegistry) {
        requests = registry.counter(Metrics.httpRequests)
        durations = registry.histogram(Metrics.httpDuration)
        limited = registry.counter(Metrics.rateLimited)
        events = registry.counter(Metrics.eventsIngested)
    }

    /// Counts an answered request; `route` is a template and never the path that was sent.
    func answered(route: String, method: String, status: Int, seconds: Double) {
        requests.with(route, Self.methods.contains(method) ? method : "other", String(status)).add()
        durations.with(route).observe(seconds)
    }

    /// Counts a request that came too fast.
    func rateLimited() { limited.with().add() }

    /// Counts the events of a batch. Which of them were there already is known as a number only, so duplicates and
    /// rejected ones have the type `any`; the types of the others are known to the store and hence few.
    func ingested(types: [String], duplicates: Int, rejected: Int) {
        for (type, rows) in Dictionary(grouping: types, by: { $0 }) {
            events.with(type, "valid").add(Double(rows.count))
        }
        events.with("any", "duplicate").add(Double(duplicates))
        events.with("any", "rejected").add(Double(rejected))
    }
}
