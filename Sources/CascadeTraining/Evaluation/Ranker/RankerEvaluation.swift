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

/// What is measured of a ranker: its heads, then its value heads.
package struct RankerMeasures: Sendable {
    package var heads: [HeadMetrics] = []
    package var values: [ValueMetrics] = []
}

/// Measures a ranker on the impressions of a period, scored through the very path that serves requests.
package enum RankerEvaluation {
    /// One a head and a value head; none for a release without a ranker.
    package static func metrics(
        _ impressions: ScoredImpressions, _ data: EvaluationData, options: RankerEvaluationOptions
    ) throws -> RankerMeasures {
        guard data.bundle.ranker != nil else { return RankerMeasures() }
        let slices = options.hasSlices ? RankerSlices(data, impressions) : nil
        let heads = try impressions.heads.enumerated().map { head, name in
            let rows = impressions.rows(of: head)
            return HeadMetrics(
                head: name, figures: try RankerFigures(rows, bootstrap: options.bootstrap),
                raw: data.bundle.calibration.map { _ in CalibrationFigures(impressions.rows(of: head, isRaw: true)) },
                slices: try slices?.metrics(rows, bootstrap: options.bootstrap) ?? [])
        }
        let values = try impressions.valueHeads.enumerated().map { place, head in
            ValueMetrics(
                head: head.name,
                figures: try ValueFigures(
                    impressions.rows(ofValue: place), average: head.average, bootstrap: options.bootstrap))
        }
        return RankerMeasures(heads: heads, values: values)
    }
}
