import CascadeCore

/// How often the intervals of estimators hold the truth, over worlds of known value.
package struct CoverageTrial: Hashable, Sendable {
    package let estimator: String
    package let weighting: SlateWeighting
    /// Worlds tried.
    package private(set) var worlds = 0
    /// Worlds whose value the interval holds.
    package private(set) var covered = 0
    private var errors = 0.0
    private var widths = 0.0
    private var squares = 0.0

    init(estimator: String, weighting: SlateWeighting) {
        self.estimator = estimator
        self.weighting = weighting
    }

    /// The share of intervals that hold the truth.
    package var coverage: Double { Double(covered) / Double(max(1, worlds)) }
    /// Mean of estimate less truth.
    package var bias: Double { errors / Double(max(1, worlds)) }
    /// Root of the mean squared error.
    package var error: Double { (squares / Double(max(1, worlds))).squareRoot() }
    /// Mean width of an interval.
    package var width: Double { widths / Double(max(1, worlds)) }

    mutating func add(_ estimate: OffPolicyEstimate, truth: Double) {
        worlds += 1
        if estimate.interval.contains(truth) { covered += 1 }
        errors += estimate.value - truth
        squares += (estimate.value - truth) * (estimate.value - truth)
        widths += estimate.interval.high - estimate.interval.low
    }

    /// Tries every estimator with every weighting that it is defined for, each in the same worlds.
    ///
    /// - Parameter users: of each log, with three slates on average.
    package static func run(worlds: Int, users: Int, seed: UInt64 = 1) throws(OffPolicyError) -> [CoverageTrial] {
        var trials: [CoverageTrial] = []
        let estimators = OffPolicyEstimators.all(model: ItemPlaceModel())
        for weighting in SlateWeighting.allCases {
            for estimator in estimators where weighting != .slate || estimator.name != "dr" {
                trials.append(CoverageTrial(estimator: estimator.name, weighting: weighting))
            }
        }
        for number in 0..<UInt64(worlds) {
            let world = BanditWorld(seed: StableHash.mix(seed) &+ number)
            for weighting in SlateWeighting.allCases {
                let log = world.log(users: users, weighting: weighting, seed: number)
                for index in trials.indices where trials[index].weighting == weighting {
                    guard let estimator = estimators.first(where: { $0.name == trials[index].estimator }) else {
                        continue
                    }
                    trials[index].add(try estimator.estimate(log), truth: world.targetValue)
                }
            }
        }
        return trials
    }
}
