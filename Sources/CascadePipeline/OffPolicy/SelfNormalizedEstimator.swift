package import CascadeCore

/// Self-normalised inverse probability scoring: `V = Σ_l (Σ_i w_il r_il) / (Σ_i w_il)`, place by place (Swaminathan and
/// Joachims, "The self-normalized estimator for counterfactual learning", NIPS 2015, equation 8).
///
/// Never outside the range of the rewards and mostly narrower than IPS, for a bias of the order of 1/n. Its error is that of
/// the linear part, `e_i = Σ_l w_il (r_il - V_l) / w̄_l` around V.
package struct SelfNormalizedEstimator: OffPolicyEstimator {
    package let name = "snips"

    package init() {}

    package func value(_ log: OffPolicyLog) throws(OffPolicyError) -> ClusteredRatio {
        var weights: [Double] = []
        var rewards: [Double] = []
        for slate in log.slates {
            for (place, weight) in log.weighting.weights(of: slate).own.enumerated() {
                if place == weights.count {
                    weights.append(0)
                    rewards.append(0)
                }
                weights[place] += weight
                rewards[place] += weight * slate.places[place].reward
            }
        }
        guard let first = weights.first, first > 0 else { throw .noWeight }
        // A place that no slate of the target's reaches in the log has nothing to tell.
        let values = zip(rewards, weights).map { $1 > 0 ? $0 / $1 : 0 }
        // Slates can differ in length: a place earns for those that have it.
        let counts = Self.counts(log, weights.count)
        let slates = Double(log.slates.count)
        let total = zip(values, counts).reduce(0) { $0 + $1.0 * $1.1 / slates }
        return log.ratio { slate in
            let own = log.weighting.weights(of: slate).own
            var sum = total
            for (place, weight) in own.enumerated() where weights[place] > 0 {
                let mean = weights[place] / counts[place]
                sum += weight * (slate.places[place].reward - values[place]) / mean
            }
            return sum
        }
    }

    private static func counts(_ log: OffPolicyLog, _ places: Int) -> [Double] {
        var counts = [Double](repeating: 0, count: places)
        for slate in log.slates { for place in slate.places.indices { counts[place] += 1 } }
        return counts
    }
}
