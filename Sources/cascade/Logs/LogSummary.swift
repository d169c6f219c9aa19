import Foundation

/// What the log lines of a server say together: what filters remove, what sources bring into slates, and what is slow.
struct LogSummary {
    /// Milliseconds of one thing, all kept.
    struct Times {
        private(set) var values: [Double] = []

        mutating func add(_ milliseconds: Double) { values.append(milliseconds) }

        var total: Double { values.reduce(0, +) }

        /// The value that a share of all does not exceed; nil of nothing.
        func quantile(_ share: Double) -> Double? {
            let sorted = values.sorted()
            return sorted.isEmpty ? nil : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
    }

    /// A component's runs, where its lines are in the log.
    struct Component {
        var times = Times()
        var late = 0
        var failed = 0
    }

    /// A slow request.
    struct Slow {
        let requestID: String
        let milliseconds: Double
        let stages: [String: Double]
    }

    /// How many slow requests are told.
    let slowest: Int
    private(set) var lines = 0
    /// Lines that are no JSON object.
    private(set) var foreign = 0
    private(set) var first: String?
    private(set) var last: String?
    /// Summaries by pipeline.
    private(set) var requests: [String: Times] = [:]
    private(set) var removed: [String: Int] = [:]
    private(set) var retrieved: [String: Int] = [:]
    private(set) var served: [String: Int] = [:]
    private(set) var stages: [String: Times] = [:]
    private(set) var components: [String: Component] = [:]
    private(set) var fallbacks: [String: Int] = [:]
    private(set) var short: [String: Int] = [:]
    private(set) var degraded: [String: Int] = [:]
    /// HTTP answers from 400 on, by status and route.
    private(set) var errors: [String: Int] = [:]
    private(set) var slow: [Slow] = []

    init(slowest: Int) { self.slowest = slowest }

    /// Takes a line in.
    mutating func add(_ line: Data) {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { return }
        lines += 1
        guard let fields = (try? JSONSerialization.jsonObject(with: line)) as? [String: Any] else {
            foreign += 1
            return
        }
        if let time = fields["ts"] as? String {
            first = first.map { min($0, time) } ?? time
            last = last.map { max($0, time) } ?? time
        }
        switch fields["msg"] as? String {
        case "pipeline_summary": addSummary(fields)
        case "stage": addStage(fields)
        case "request": addAnswer(fields)
        default: break
        }
    }

    private mutating func addSummary(_ fields: [String: Any]) {
        let milliseconds = fields["latency_ms"] as? Double ?? 0
        requests[fields["pipeline"] as? String ?? "recommend", default: Times()].add(milliseconds)
        Self.add(fields["removed_per_filter"], to: &removed)
        Self.add(fields["per_source"], to: &retrieved)
        Self.add(fields["served_per_source"], to: &served)
        let walls = fields["stage_latency_ms"] as? [String: Double] ?? [:]
        for (stage, time) in walls { stages[stage, default: Times()].add(time) }
        if let fallback = fields["fallback"] as? String { fallbacks[fallback, default: 0] += 1 }
        if let cause = fields["underfill_cause"] as? String { short[cause, default: 0] += 1 }
        for word in fields["degraded"] as? [String] ?? [] { degraded[word, default: 0] += 1 }
        guard slowest > 0, slow.count < slowest || milliseconds > slow[slow.count - 1].milliseconds else { return }
        let one = Slow(requestID: fields["request_id"] as? String ?? "?", milliseconds: milliseconds, stages: walls)
        slow.insert(one, at: slow.firstIndex { $0.milliseconds < milliseconds } ?? slow.count)
        if slow.count > slowest { slow.removeLast() }
    }

    private mutating func addStage(_ fields: [String: Any]) {
        guard fields["enabled"] as? Bool == true, let stage = fields["stage"] as? String,
            let name = fields["component"] as? String
        else { return }
        var component = components["\(stage) \(name)"] ?? Component()
        component.times.add(fields["latency_ms"] as? Double ?? 0)
        if fields["timed_out"] as? Bool == true { component.late += 1 }
        if fields["error"] != nil { component.failed += 1 }
        components["\(stage) \(name)"] = component
    }

    private mutating func addAnswer(_ fields: [String: Any]) {
        guard let status = fields["status"] as? Int, status >= 400 else { return }
        errors["\(status) \(fields["method"] as? String ?? "?") \(fields["route"] as? String ?? "?")", default: 0] += 1
    }

    private static func add(_ counts: Any?, to sums: inout [String: Int]) {
        for (name, count) in counts as? [String: Int] ?? [:] {
            sums[name] = sums[name, default: 0].addingReportingOverflow(count).partialValue
        }
    }
}
