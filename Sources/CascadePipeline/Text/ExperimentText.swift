import CascadeCore
import Foundation

/// The outcome of an A/B test as a text for people.
package enum ExperimentText {
    /// Without a last line feed.
    package static func render(_ report: ExperimentReport) -> String {
        var lines = ["test \(report.name); the unit is the user, intervals are for 95 %"]
        if let mismatch = report.mismatch {
            let text = String(format: "%.4g", mismatch)
            lines.append(
                mismatch < ExperimentReport.mismatchLimit
                    ? "SAMPLE RATIO MISMATCH (p = \(text)): the arms have not the users that they should have; do not read the differences"
                    : "users are as the weights say (p = \(text))")
        }
        if report.mixedUsers > 0 { lines.append("left out: \(report.mixedUsers) users whom several arms served") }
        if report.strangeImpressions > 0 {
            lines.append("left out: \(report.strangeImpressions) impressions of arms that are not configured")
        }
        lines.append("")
        let rows = report.arms.flatMap { arm in
            arm.rates.enumerated().map { index, rate in
                [
                    index == 0 ? arm.name : "", index == 0 ? "\(arm.users)" : "",
                    index == 0 ? "\(arm.impressions)" : "",
                    index == 0 ? "impressions a user" : rate.name, number(rate.value), ReplayText.range(rate.interval),
                    number(rate.difference), rate.difference == nil ? "" : ReplayText.range(rate.differenceInterval),
                ]
            }
        }
        lines +=
            TextTable(
                titles: ["arm", "users", "impressions", "rate of", "value", "interval", "to control", "interval"],
                alignedRight: [1, 2, 4, 5, 6, 7], rows: rows
            ).lines
        return lines.joined(separator: "\n")
    }

    private static func number(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "" }
}
