import CascadeTraining
import Foundation

/// What an evaluation says of the ranker on the terminal.
enum RankerText {
    /// The lines under the title of an evaluation; none for a release without a ranker.
    static func lines(of report: EvaluationReport) -> [String] {
        if report.heads.isEmpty { return [] }
        var lines = [title("head") + "  (users)"]
        for head in report.heads { lines.append(row(head.head, head.figures) + "  (\(head.figures.groups))") }
        lines += intervals(report.heads) + calibration(report.heads)
        for head in report.heads {
            lines += reliability(head) + slices(head)
        }
        lines += values(report.values)
        return lines + importance(report.importance)
    }

    /// The reliability table is shown with the intervals; a training says the figures of the heads only.
    private static func isWhole(_ head: HeadMetrics) -> Bool { !head.slices.isEmpty }

    private static func title(_ name: String) -> String {
        "  \(TrainingText.pad(name, 20))    rows     rate   mean p      AUC  log loss     ECE  grouped AUC"
    }

    private static func row(_ name: String, _ figures: RankerFigures) -> String {
        "  \(TrainingText.pad(name, 20)) \(TrainingText.padLeft("\(figures.rows)", 7))  \(Terminal.number(figures.rate))"
            + "   \(Terminal.number(figures.meanPrediction))   \(cell(figures.auc))    \(cell(figures.logLoss))  "
            + "\(Terminal.number(figures.reliability.error))       \(cell(figures.groupedAUC))"
    }

    static func cell(_ value: Double?) -> String {
        TrainingText.padLeft(Terminal.number(value), 6)
    }

    private static func intervals(_ heads: [HeadMetrics]) -> [String] {
        heads.compactMap { head in
            guard let auc = head.figures.aucInterval else { return nil }
            let grouped = head.figures.groupedAUCInterval.map { ", grouped AUC \(text($0))" } ?? ""
            return "  \(head.head), 95 % over users: AUC \(text(auc))\(grouped)"
        }
    }

    private static func text(_ interval: Interval) -> String {
        "\(Terminal.number(interval.low)) to \(Terminal.number(interval.high))"
    }

    /// The ranker's own probabilities beside those that are served; nothing for a release without a calibration.
    private static func calibration(_ heads: [HeadMetrics]) -> [String] {
        guard heads.contains(where: { $0.raw != nil }) else { return [] }
        var lines = ["  \(TrainingText.pad("calibration", 20)) log loss raw  calibrated     ECE raw  calibrated"]
        for head in heads {
            guard let raw = head.raw else { continue }
            lines.append(
                "  \(TrainingText.pad(head.head, 20))       \(cell(raw.logLoss))      \(cell(head.figures.logLoss))"
                    + "      \(Terminal.number(raw.reliability.error))      "
                    + Terminal.number(head.figures.reliability.error))
        }
        return lines
    }

    private static func reliability(_ head: HeadMetrics) -> [String] {
        guard isWhole(head), !head.figures.reliability.bins.isEmpty else { return [] }
        return ["  reliability of \(head.head)       rows   mean p     rate"]
            + head.figures.reliability.bins.map { bin in
                TrainingText.padLeft("\(bin.rows)", 38)
                    + "   \(Terminal.number(bin.meanPrediction))   \(Terminal.number(bin.rate))"
            }
    }

    private static func slices(_ head: HeadMetrics) -> [String] {
        guard isWhole(head) else { return [] }
        return [title("\(head.head) by slice")]
            + head.slices.map { slice in
                guard let figures = slice.figures else {
                    return "  \(TrainingText.pad(slice.name, 20)) \(TrainingText.padLeft("\(slice.rows)", 7))  "
                        + "too few of an outcome (\(slice.positives) positive); \(slice.title)"
                }
                let interval = figures.aucInterval.map { "AUC \(text($0)); " } ?? ""
                return row(slice.name, figures) + "  \(interval)\(slice.title)"
            }
    }

    /// Errors beside those of the training period's mean for every row.
    private static func values(_ heads: [ValueMetrics]) -> [String] {
        if heads.isEmpty { return [] }
        func cell(_ value: Double?, _ width: Int = 10) -> String {
            TrainingText.padLeft(value.map { String(format: "%.4g", $0) } ?? "–", width)
        }
        var lines = [
            "  \(TrainingText.pad("value", 20))    rows      mean    mean p       MAE   of mean      RMSE   of mean  "
                + "grouped concordance  (users)"
        ]
        for head in heads {
            let figures = head.figures
            lines.append(
                "  \(TrainingText.pad(head.head, 20)) \(TrainingText.padLeft("\(figures.rows)", 7))"
                    + cell(figures.mean) + cell(figures.meanPrediction) + cell(figures.mae)
                    + cell(figures.trainingMeanMae) + cell(figures.rmse) + cell(figures.trainingMeanRmse)
                    + TrainingText.padLeft(Terminal.number(figures.concordance), 21) + "  (\(figures.groups))")
        }
        for head in heads {
            guard let mae = head.figures.maeInterval, let rmse = head.figures.rmseInterval else { continue }
            let order = head.figures.concordanceInterval.map { ", grouped concordance \(text($0))" } ?? ""
            lines.append(
                "  \(head.head), 95 % over users: MAE \(cell(mae.low, 0)) to \(cell(mae.high, 0)), "
                    + "RMSE \(cell(rmse.low, 0)) to \(cell(rmse.high, 0))\(order)")
        }
        return lines
    }

    private static func importance(_ report: FeatureImportance?) -> [String] {
        guard let report else { return [] }
        return report.heads.flatMap { head in
            [
                "  \(head.head), values permuted among \(report.rows) rows of \(report.users) users: AUC lost, log loss gained"
            ]
                + head.losses.map { loss in
                    "    \(TrainingText.pad(loss.feature, 36))" + String(format: "%+.5f  %+.5f", loss.auc, loss.logLoss)
                }
        }
    }
}
