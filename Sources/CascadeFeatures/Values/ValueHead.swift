/// A value head as it was fitted on the training period: which values it learns, and between which ends.
package struct ValueHead: Hashable, Sendable, Codable {
    package let name: String
    package let settings: ValueHeadSettings
    /// Impressions of the period whose value is known.
    package let rows: Int
    /// The mean of their values as they are, not cut: what a guess without a model is.
    package let average: Double
    /// What values are cut to before they are learned.
    package let minimum: Double
    package let maximum: Double
    /// Mean and deviation of the cut and transformed values.
    package let centre: Double
    package let deviation: Double
    /// The ends of the histogram, of transformed values.
    package let low: Double
    package let high: Double

    package init(
        name: String, settings: ValueHeadSettings, rows: Int, average: Double, range: ClosedRange<Double>,
        centre: Double, deviation: Double, ends: ClosedRange<Double>
    ) {
        self.name = name
        self.settings = settings
        self.rows = rows
        self.average = average
        (minimum, maximum) = (range.lowerBound, range.upperBound)
        self.centre = centre
        self.deviation = deviation
        (low, high) = (ends.lowerBound, ends.upperBound)
    }

    /// A value as it is learned: cut, then transformed.
    package func learned(_ value: Float) -> Double {
        settings.transform.applied(to: min(max(Double(value), minimum), maximum))
    }

    /// Whether a release can be served with it.
    var isUsable: Bool {
        [average, minimum, maximum, centre, deviation, low, high].allSatisfy(\.isFinite) && minimum < maximum
            && low < high && deviation > 0 && settings.problems(under: name).isEmpty
    }
}

extension FeatureMap {
    /// Value heads, none in a release that was made before there were any.
    package var valueHeads: [ValueHead] { values ?? [] }

    /// What the ranker gives for a row, by name: the probabilities of its heads, then the values of its value heads.
    package var outputs: [String] { heads + valueHeads.map(\.name) }

    /// The signals whose values must be read for training and evaluation.
    package var valueSignals: [String] { Set(valueHeads.map(\.settings.signal)).sorted() }
}
