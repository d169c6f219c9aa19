import Foundation

/// A `LogSummary` for people.
enum LogSummaryText {
    static func lines(_ summary: LogSummary) -> [String] {
        var rows: [(String, String)] = []
        let foreign = summary.foreign > 0 ? ", \(summary.foreign) of them no JSON objects and passed over" : ""
        rows.append(("lines", "\(summary.lines)\(foreign)"))
        if let first = summary.first, let last = summary.last { rows.append(("from, until", "\(first), \(last)")) }
        for (pipeline, times) in summary.requests.sorted(by: { $0.key < $1.key }) {
            rows.append((pipeline, "\(times.values.count) requests; \(quantiles(times))"))
        }
        if summary.requests.isEmpty { rows.append(("requests", "none: there is no line pipeline_summary")) }
        rows.append(("filters", "candidates removed: \(shares(summary.removed))"))
        rows.append(("sources", "candidates brought: \(shares(summary.retrieved))"))
        rows.append(("", "items of slates, each for every source that brought it: \(shares(summary.served))"))
        let whole = summary.requests.values.reduce(0) { $0 + $1.total }
        for (stage, times) in summary.stages.sorted(by: { ($1.value.total, $0.key) < ($0.value.total, $1.key) }) {
            let share =
                whole > 0 && whole.isFinite && times.total.isFinite
                ? "\(Int((100 * times.total / whole).rounded())) % of the time, " : ""
            rows.append(("stage", "\(stage): \(share)\(quantiles(times))"))
        }
        rows += components(summary)
        rows.append(("fallbacks", list(summary.fallbacks)))
        rows.append(("short", list(summary.short)))
        rows.append(("degraded", list(summary.degraded)))
        rows.append(("refused", list(summary.errors)))
        for one in summary.slow {
            let stages = one.stages.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
                .map { "\($0.key) \(number($0.value))" }.joined(separator: ", ")
            rows.append(("slow", "\(one.requestID): \(number(one.milliseconds)) ms (\(stages))"))
        }
        return rows.map { name, text in name.padding(toLength: 13, withPad: " ", startingAt: 0) + text }
    }

    private static func components(_ summary: LogSummary) -> [(String, String)] {
        summary.components.sorted { ($1.value.times.total, $0.key) < ($0.value.times.total, $1.key) }.map {
            name, component in
            let trouble = [
                component.late > 0 ? "\(component.late) late" : nil,
                component.failed > 0 ? "\(component.failed) failed" : nil,
            ].compactMap(\.self).map { ", " + $0 }.joined()
            return (
                "component", "\(name): \(component.times.values.count) runs, \(quantiles(component.times))\(trouble)"
            )
        }
    }

    private static func quantiles(_ times: LogSummary.Times) -> String {
        guard let half = times.quantile(0.5), let most = times.quantile(0.95), let worst = times.quantile(0.99),
            let longest = times.values.max()
        else { return "–" }
        return "p50 \(number(half)), p95 \(number(most)), p99 \(number(worst)), longest \(number(longest)) ms"
    }

    /// The most frequent first, with their shares.
    private static func shares(_ counts: [String: Int]) -> String {
        let all = counts.values.reduce(0, +)
        guard all > 0 else { return "none" }
        return sorted(counts).map {
            "\($0.key) \($0.value) (\(Int((100 * Double($0.value) / Double(all)).rounded())) %)"
        }
        .joined(separator: ", ")
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.isEmpty ? "none" : sorted(counts).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private static func sorted(_ counts: [String: Int]) -> [(key: String, value: Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    }

    private static func number(_ milliseconds: Double) -> String { String(format: "%.1f", milliseconds) }
}
