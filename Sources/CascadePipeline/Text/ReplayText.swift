import Foundation

/// What a replay of logged slates found, as a text for people.
package enum ReplayText {
    /// Ends in a line feed.
    package static func render(_ report: ReplayReport) -> String {
        var lines = ["replayed         \(report.slates) slates"]
        for (obstacle, count) in report.skipped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("left out         \(count) \(obstacle.rawValue)")
        }
        guard report.slates > 0 else { return lines.joined(separator: "\n") + "\n" }
        let distinct = report.distinct
        lines += [
            "the same slate   \(share(report.unchanged, of: report.slates))",
            "the same first   \(share(report.sameFirst, of: report.slates))",
            "items that stay  \(percent(report.keptShare))",
            "distinct items   \(distinct.logged) logged, \(distinct.replayed) replayed", "",
        ]
        lines +=
            TextTable(
                titles: ["head, sum a slate", "logged", "replayed", "difference", "±"], alignedRight: [1, 2, 3, 4],
                rows: report.heads.map { head in
                    [head.name] + [head.logged, head.replayed, head.difference, head.deviation].map(number)
                }
            ).lines
        return lines.joined(separator: "\n") + "\n"
    }

    private static func share(_ count: Int, of whole: Int) -> String {
        "\(count) (\(percent(Double(count) / Double(whole))))"
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

    private static func number(_ value: Double) -> String { String(format: "%.4f", value) }
}
