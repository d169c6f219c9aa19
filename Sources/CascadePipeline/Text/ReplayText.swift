import CascadeCore
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
            "distinct items   \(distinct.logged) logged, \(distinct.replayed) replayed",
        ]
        let moves = report.moves(limit: 5)
        if !moves.into.isEmpty { lines.append("come in most     " + text(moves.into)) }
        if !moves.out.isEmpty { lines.append("go out most      " + text(moves.out)) }
        lines.append("")
        lines +=
            TextTable(
                titles: ["of a slate", "logged", "replayed", "difference", "95 % over users"],
                alignedRight: [1, 2, 3, 4],
                rows: report.measures().map { measure in
                    [measure.name] + [measure.logged, measure.replayed, measure.difference].map(number)
                        + [range(measure.interval)]
                }
            ).lines
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ moves: [ReplayReport.Move]) -> String {
        moves.map { "\($0.item) (\($0.slates > 0 ? "+" : "")\($0.slates))" }.joined(separator: ", ")
    }

    /// Such as `-0.0120 to 0.0031`, or a dash.
    static func range(_ range: ValueRange?) -> String {
        range.map { "\(number($0.low)) to \(number($0.high))" } ?? "–"
    }

    private static func share(_ count: Int, of whole: Int) -> String {
        "\(count) (\(percent(Double(count) / Double(whole))))"
    }

    private static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

    private static func number(_ value: Double) -> String { String(format: "%.4f", value) }
}
