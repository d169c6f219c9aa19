/// The figures of an experiment; the same data, seeds and threads give the same bytes.
package struct ExperimentResult: Sendable, Codable {
    /// A point of a training curve.
    package struct Point: Sendable, Codable, Equatable {
        /// From 1.
        package let epoch: Int
        /// Mean training loss of the epoch.
        package let loss: Double
        /// Measured figures by name, where the epoch was measured.
        package let numbers: [String: Double]
    }

    /// One training of a variant.
    package struct Training: Sendable, Codable {
        package let name: String
        package let seed: UInt64
        /// First digits of the SHA-256 of the settings, seed included.
        package let settingsHash: String
        package let numbers: [String: Double]
        package let curve: [Point]
    }

    /// Figures of the mean of what all seeds of a variant's ranker foretell.
    package struct SeedAverage: Sendable, Codable, Equatable {
        package let name: String
        package let numbers: [String: Double]
    }

    /// A row of the table: mean and standard deviation over seeds.
    package struct Row: Sendable, Equatable {
        package let name: String
        /// One a metric; nil where the member has no such figure.
        package let cells: [Cell?]
    }

    package struct Cell: Sendable, Equatable {
        package let mean: Double
        /// Over seeds, with n − 1; 0 for one seed.
        package let deviation: Double
    }

    /// How a figure of a variant's rankers differs from that of the first variant's on the same rows.
    package struct Comparison: Sendable, Codable, Equatable {
        package let name: String
        /// Nil: the mean over all seeds.
        package let seed: UInt64?
        /// A metric such as `ranker.long_view.auc`.
        package let metric: String
        package let difference: RankerDifference
    }

    package let name: String
    package let part: Experiment.Part
    package let metrics: [String]
    package let threads: Int
    package let trainings: [Training]
    /// Of variants with several seeds, where metrics are figures of rankers.
    package let seedAverages: [SeedAverage]
    /// Figures of the baselines by name.
    package let baselines: [String: Double]
    /// Differences of rankers to the first variant's: by variant, then by seed with the mean last, then by metric.
    package let comparisons: [Comparison]
    /// What all of it was run on.
    package let data: DataStamp
    /// Whose retrieval was measured.
    package let users: MeasuredUsers

    /// The variants in their order, each with its interests where it was trained for some, then the baselines.
    package var rows: [Row] {
        var names: [String] = []
        for training in trainings where !names.contains(training.name) { names.append(training.name) }
        let variants = names.flatMap { name in
            let own = trainings.filter { $0.name == name }
            func row(_ name: String, _ key: (String) -> String?) -> Row {
                Row(
                    name: name,
                    cells: metrics.map { metric in
                        Self.cell(own.compactMap { training in key(metric).flatMap { training.numbers[$0] } })
                    })
            }
            let single = row(name) { $0 }
            let interests = row("\(name), interests") { metric in
                Self.figure(metric, of: "interests")
            }
            let average = seedAverages.first { $0.name == name }.map { average in
                Row(
                    name: "\(name), seeds averaged",
                    cells: metrics.map { average.numbers[$0].map { Cell(mean: $0, deviation: 0) } })
            }
            return [single] + (interests.cells.contains { $0 != nil } ? [interests] : []) + (average.map { [$0] } ?? [])
        }
        let others = Baseline.allCases.map(\.rawValue).filter { name in
            baselines.keys.contains { $0.hasPrefix("retrieval.\(name).") }
        }
        return variants
            + others.map { name in
                Row(
                    name: name,
                    cells: metrics.map { metric in
                        Self.cell([Self.figure(metric, of: name).flatMap { baselines[$0] }].compactMap { $0 })
                    })
            }
    }

    /// The figure of another member for one of the two towers; nil for figures of other things.
    private static func figure(_ metric: String, of member: String) -> String? {
        metric.hasPrefix("retrieval.two_tower.") ? metric.replacing(".two_tower.", with: ".\(member).") : nil
    }

    private static func cell(_ values: [Double]) -> Cell? {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return Cell(
            mean: mean, deviation: values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0)
    }
}
