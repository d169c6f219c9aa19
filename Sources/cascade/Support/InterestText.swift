import CascadeCore
import CascadeModels
import CascadeTraining
import Foundation

/// What is said of clusters of interest on the terminal.
enum InterestText {
    static func lines(of tuning: InterestTuning.Tuning, _ settings: InterestSettings) -> [String] {
        let fit = tuning.best.fit
        let reached = tuning.levels.firstIndex(of: settings.most).map { fit.coverage[$0] }
        return [
            "release \(tuning.releaseID), clusters by \(settings.clusterBy.rawValue)",
            "\(fit.targets) items that \(fit.users) users took from \(tuning.split.rfc3339) on and never before",
            "                              lie in the n clusters taken most from          log loss",
            "clusters  largest     mean  "
                + tuning.levels.map { left("n=\($0)", 8) }.joined() + "   history    share  similarity",
        ] + tuning.rows.map(line) + [verdict(tuning, settings, reached: reached)]
            + (tuning.towerHasSeen
                ? [
                    "the item tower was trained on these items too, so all figures are too good; train with --until to hold some out"
                ]
                : [])
    }

    private static func line(_ row: InterestTuning.Row) -> String {
        left("\(row.sizes.clusters)", 8) + left("\(row.sizes.largest)", 9)
            + left(Terminal.number(row.sizes.mean, decimals: 1), 9) + "  "
            + row.fit.coverage.map { left(Terminal.number($0, decimals: 3), 8) }.joined()
            + left(Terminal.number(row.fit.historyLoss, decimals: 3), 10)
            + left(Terminal.number(row.fit.shareLoss, decimals: 3), 9)
            + left(Terminal.number(row.similarity, decimals: 3), 12)
    }

    private static func verdict(
        _ tuning: InterestTuning.Tuning, _ settings: InterestSettings, reached: Double?
    ) -> String {
        let most = "\(settings.most) \(settings.most == 1 ? "cluster" : "clusters") (interests.most)"
        let share = Terminal.number(reached, decimals: 3)
        if settings.clusterBy == .category { return "\(tuning.best.sizes): \(most) reach \(share)" }
        let count = "interests.clusters: \(tuning.best.sizes.clusters)"
        guard let reached, reached >= tuning.reach else {
            return "\(count), which reaches most: \(share) with \(most); no number reaches \(tuning.reach)"
        }
        return "\(count), the most of which \(most) reach \(tuning.reach): \(share)"
    }

    private static func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
