import CascadeFeatures
import CascadeModels

/// The ranker's figures for one head over an evaluated period.
package struct HeadMetrics: Sendable, Codable, Equatable {
    package let head: String
    /// Of the probabilities as they are served.
    package let figures: RankerFigures
    /// The same before they are calibrated; nil for a release without a calibration.
    package let raw: CalibrationFigures?
    /// Of parts of the rows; empty where none were asked for.
    package let slices: [SliceMetrics]
}

/// Measures a ranker on the impressions of a period, scored through the very path that serves requests.
package enum RankerEvaluation {
    /// One a head; none for a release without a ranker.
    package static func metrics(
        _ impressions: ScoredImpressions, _ data: EvaluationData, options: RankerEvaluationOptions
    ) throws -> [HeadMetrics] {
        guard data.bundle.ranker != nil else { return [] }
        let slices = options.hasSlices ? RankerSlices(data, impressions) : nil
        return try impressions.heads.enumerated().map { head, name in
            let rows = impressions.rows(of: head)
            return HeadMetrics(
                head: name, figures: try RankerFigures(rows, bootstrap: options.bootstrap),
                raw: data.bundle.calibration.map { _ in CalibrationFigures(impressions.rows(of: head, isRaw: true)) },
                slices: try slices?.metrics(rows, bootstrap: options.bootstrap) ?? [])
        }
    }
}
