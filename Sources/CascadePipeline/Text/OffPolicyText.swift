import CascadeCore
import Foundation

/// Off-policy estimates as a text for people.
package enum OffPolicyText {
    /// What the log holds and each estimator says; one that is not defined says why. Without a last line feed.
    package static func render(
        _ log: OffPolicyLog, _ estimators: [any OffPolicyEstimator], signal: String, unsupportedLimit: Double
    ) -> String {
        let support = log.support
        let logged = log.logged
        var lines = [
            "slates           \(support.slates) of \(support.users) users",
            String(
                format: "effective        %.1f slates, greatest weight %.2f", support.effectiveSlates,
                support.greatestWeight),
            String(format: "without support  %.2f %% of the target's choices", 100 * support.unsupportedShare), "",
        ]
        var rows = [["logged", number(logged.value), number(logged.standardError), ReplayText.range(logged.interval)]]
        var notes: [String] = []
        for estimator in estimators {
            do throws(OffPolicyError) {
                let estimate = try estimator.estimate(log, unsupportedLimit: unsupportedLimit)
                rows.append([
                    estimate.estimator, number(estimate.value), number(estimate.standardError),
                    ReplayText.range(estimate.interval),
                ])
            } catch {
                notes.append("\(estimator.name): \(error)")
            }
        }
        lines +=
            TextTable(
                titles: ["\(signal) a slate", "value", "error", "95 % over users"], alignedRight: [1, 2, 3], rows: rows
            ).lines
        return (lines + notes).joined(separator: "\n")
    }

    /// A table of trials, without a last line feed.
    package static func render(_ trials: [CoverageTrial]) -> String {
        let rows = trials.map { trial in
            [
                trial.weighting.rawValue, trial.estimator, "\(trial.covered)/\(trial.worlds)",
                String(format: "%.1f %%", 100 * trial.coverage), number(trial.bias), number(trial.error),
                number(trial.width),
            ]
        }
        return TextTable(
            titles: ["weighting", "estimator", "covered", "coverage", "bias", "rmse", "width"],
            alignedRight: [2, 3, 4, 5, 6], rows: rows
        ).lines.joined(separator: "\n")
    }

    private static func number(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }
}
