import CascadeCore

/// How much more a figure of one ranker is than that of another on the same rows, with its 95 % interval.
package struct RankerDifference: Sendable, Codable, Equatable {
    package let value: Double
    package let interval: Interval

    package init(value: Double, interval: Interval) {
        self.value = value
        self.interval = interval
    }

    /// The difference the other way round.
    var negated: RankerDifference {
        RankerDifference(value: -value, interval: Interval(low: -interval.high, high: -interval.low))
    }
}

/// Compares two rankers on the same rows: users are drawn, and both are measured on the same draw, so that what both find
/// hard or easy does not widen the interval of their difference.
package struct PairedBootstrap: Sendable {
    /// What is compared, by the names that `EvaluationReport.numbers` ends in.
    package enum Figure: String, Sendable, Codable, CaseIterable {
        case auc
        case groupedAUC = "grouped_auc"
        case logLoss = "logloss"

        func value(_ rows: WeightedRows, _ weights: [Double]) -> Double? {
            switch self {
            case .auc: rows.auc(weights)
            case .groupedAUC: rows.groupedAUC(weights)
            case .logLoss: rows.logLoss(weights)
            }
        }
    }

    private let bootstrap: UserBootstrap
    private let labels: [Bool]

    /// - Parameters:
    ///   - labels: [rows] what happened.
    ///   - users: [rows] whose they are.
    package init(labels: [Bool], users: [Int32], options: BootstrapOptions = .init()) throws(TrainingError) {
        guard labels.count == users.count else { throw .differentRows(labels.count, users.count) }
        bootstrap = UserBootstrap(users: users, options: options)
        self.labels = labels
    }

    /// The figures of `second` less those of `first`, each [rows] probabilities; without those that are not defined.
    package func differences(of second: [Float], from first: [Float]) throws -> [Figure: RankerDifference] {
        try differences([(first, second)])
    }

    /// The means over pairs of rankers, such as those of several seeds. Where there is more than one pair, a draw draws pairs
    /// too: its interval is for other users and other seeds.
    package func differences(_ pairs: [(first: [Float], second: [Float])]) throws -> [Figure: RankerDifference] {
        for scores in pairs.flatMap({ [$0.first, $0.second] }) where scores.count != labels.count {
            throw TrainingError.differentRows(labels.count, scores.count)
        }
        let rows = pairs.map { pair in (weighted(pair.first), weighted(pair.second)) }
        @Sendable func means(_ chosen: [Int], _ weights: [Double]) -> [Figure: Double] {
            var result: [Figure: Double] = [:]
            for figure in Figure.allCases {
                let values = chosen.compactMap { pair -> Double? in
                    guard let first = figure.value(rows[pair].0, weights),
                        let second = figure.value(rows[pair].1, weights)
                    else { return nil }
                    return second - first
                }
                guard !values.isEmpty else { continue }
                result[figure] = values.reduce(0, +) / Double(values.count)
            }
            return result
        }
        let drawn = try bootstrap.draws { [bootstrap] draw in
            var random = bootstrap.generator(draw)
            let chosen = rows.count > 1 ? rows.map { _ in random.below(rows.count) } : Array(rows.indices)
            return means(chosen, bootstrap.weights(draw))
        }
        let whole = means(Array(rows.indices), [Double](repeating: 1, count: bootstrap.users))
        var result: [Figure: RankerDifference] = [:]
        for (figure, value) in whole {
            if let interval = Interval(draws: drawn.map { $0[figure] }) {
                result[figure] = RankerDifference(value: value, interval: interval)
            }
        }
        return result
    }

    /// A figure of one ranker on the rows; nil where it is not defined.
    func figure(_ figure: Figure, of scores: [Float]) -> Double? {
        figure.value(weighted(scores), [Double](repeating: 1, count: bootstrap.users))
    }

    /// The mean of a difference that each user has, with the interval of other users.
    static func mean(_ differences: [Double], options: BootstrapOptions = .init()) throws -> RankerDifference {
        let bootstrap = UserBootstrap(users: differences.indices.map { Int32($0) }, options: options)
        let value = differences.reduce(0, +) / Double(max(1, differences.count))
        let draws = try bootstrap.draws { draw in
            zip(bootstrap.weights(draw), differences).reduce(0) { $0 + $1.0 * $1.1 } / Double(differences.count)
        }
        return RankerDifference(value: value, interval: Interval(draws: draws) ?? Interval(low: value, high: value))
    }

    private func weighted(_ scores: [Float]) -> WeightedRows {
        WeightedRows(scores: scores, labels: labels, users: bootstrap.userOf, userCount: bootstrap.users)
    }
}
