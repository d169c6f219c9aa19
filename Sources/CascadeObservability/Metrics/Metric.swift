/// The declaration of a metric: its name, kind, meaning and labels.
package struct Metric: Hashable, Sendable {
    /// What a metric measures.
    package enum Kind: String, Hashable, Sendable {
        case counter, gauge, histogram
    }

    /// The name with its unit, such as `cascade_stage_duration_seconds`.
    package let name: String
    /// What it measures.
    package let kind: Kind
    /// A sentence for people.
    package let help: String
    /// Names of the labels. Never a user or an item: every value of a label is a time series of its own.
    package let labels: [String]
    /// Upper bounds of a histogram's buckets, ascending, without the last one (+Inf); empty for the other kinds.
    package let buckets: [Double]

    /// A number that only grows; its name ends in `_total`.
    package static func counter(_ name: String, _ help: String, labels: [String] = []) -> Metric {
        Metric(name: name, kind: .counter, help: help, labels: labels, buckets: [])
    }

    /// A number that goes up and down.
    package static func gauge(_ name: String, _ help: String, labels: [String] = []) -> Metric {
        Metric(name: name, kind: .gauge, help: help, labels: labels, buckets: [])
    }

    /// How often values fall into each of some buckets.
    package static func histogram(
        _ name: String, _ help: String, labels: [String] = [], buckets: [Double]
    ) -> Metric {
        Metric(name: name, kind: .histogram, help: help, labels: labels, buckets: buckets)
    }
}

/// Bucket bounds that histograms share.
package enum Buckets {
    /// Seconds, from half a millisecond to ten seconds.
    package static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// Numbers of candidates.
    package static let counts: [Double] = [0, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000]
    /// Probabilities, finer where they are small.
    package static let probabilities = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1]
}
