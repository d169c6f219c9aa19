import Foundation

/// The figures of a value head over an evaluated period.
package struct ValueMetrics: Sendable, Codable, Equatable {
    package let head: String
    package let figures: ValueFigures
}

/// How good the values of one value head are on some rows.
package struct ValueFigures: Sendable, Codable, Equatable {
    package let rows: Int
    package let users: Int
    /// Of the values that happened.
    package let mean: Double
    package let meanPrediction: Double
    /// Mean absolute error.
    package let mae: Double?
    package let maeInterval: Interval?
    /// Square root of the mean squared error.
    package let rmse: Double?
    package let rmseInterval: Interval?
    /// The mean of the training period in place of every prediction.
    package let trainingMean: Double
    package let trainingMeanMae: Double?
    package let trainingMeanRmse: Double?
    /// Share of the pairs of a user's rows with different values that are in their order, equal predictions half: the mean over
    /// users with such pairs, weighted by their rows.
    package let concordance: Double?
    package let concordanceInterval: Interval?
    /// Users who have such pairs.
    package let groups: Int

    /// - Parameter average: of the values of the training period.
    package init(_ head: ValueRows, average: Double, bootstrap options: BootstrapOptions) throws {
        let bootstrap = UserBootstrap(users: head.users, options: options)
        let rows = WeightedValues(head, users: bootstrap.userOf, userCount: bootstrap.users)
        let constant = WeightedValues(
            ValueRows(
                scores: [Float](repeating: Float(average), count: head.count), values: head.values, users: head.users),
            users: bootstrap.userOf, userCount: bootstrap.users)
        let whole = [Double](repeating: 1, count: bootstrap.users)
        let count = Double(max(1, head.count))
        self.rows = head.count
        users = bootstrap.users
        mean = head.values.reduce(0) { $0 + Double($1) } / count
        meanPrediction = head.scores.reduce(0) { $0 + Double($1) } / count
        mae = rows.absoluteError(whole)
        rmse = rows.squaredError(whole).map { $0.squareRoot() }
        trainingMean = average
        trainingMeanMae = constant.absoluteError(whole)
        trainingMeanRmse = constant.squaredError(whole).map { $0.squareRoot() }
        concordance = rows.concordance(whole)
        groups = rows.groups
        guard options.draws > 0, head.count > 0 else {
            (maeInterval, rmseInterval, concordanceInterval) = (nil, nil, nil)
            return
        }
        let drawn = try bootstrap.draws { draw in
            let weights = bootstrap.weights(draw)
            return (
                mae: rows.absoluteError(weights), rmse: rows.squaredError(weights).map { $0.squareRoot() },
                concordance: rows.concordance(weights)
            )
        }
        maeInterval = Interval(draws: drawn.map(\.mae))
        rmseInterval = Interval(draws: drawn.map(\.rmse))
        concordanceInterval = concordance == nil ? nil : Interval(draws: drawn.map(\.concordance))
    }

    /// The figures by name, such as `mae` and `mae.low`; without those that are not defined.
    var numbers: [String: Double] {
        var result: [String: Double] = [:]
        result["mae"] = mae
        result["mae.low"] = maeInterval?.low
        result["mae.high"] = maeInterval?.high
        result["rmse"] = rmse
        result["rmse.low"] = rmseInterval?.low
        result["rmse.high"] = rmseInterval?.high
        result["training_mean.mae"] = trainingMeanMae
        result["training_mean.rmse"] = trainingMeanRmse
        result["concordance"] = concordance
        result["concordance.low"] = concordanceInterval?.low
        result["concordance.high"] = concordanceInterval?.high
        return result
    }
}

/// The rows of one value head: what was foretold, what happened, whose they are.
package struct ValueRows: Sendable {
    package var scores: [Float] = []
    package var values: [Float] = []
    /// [rows] numbers of the users.
    package var users: [Int32] = []

    package init(scores: [Float] = [], values: [Float] = [], users: [Int32] = []) {
        self.scores = scores
        self.values = values
        self.users = users
    }

    package var count: Int { scores.count }
}
