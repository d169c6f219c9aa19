package import CascadeCore

/// The doubly robust estimator, place by place: `V = 1/n Σ_i Σ_l [ w_i,l-1 · E_{a ~ π} q_l(x_i, a) + w_il (r_il - q_l(x_i, a_il)) ]`
/// (Dudík, Erhan, Langford and Li, "Doubly robust policy evaluation and optimization", Statistical Science 2014; for slates
/// with the weights of the places before, Kiyohara et al., "Doubly robust off-policy evaluation for ranking policies under the
/// cascade behavior model", WSDM 2022).
///
/// Unbiased with any reward model `q`, and the narrower the better it foretells. `q` is fitted on the users of other folds than
/// the one it foretells, so that it knows nothing of the rewards that it is set against.
package struct DoublyRobustEstimator: OffPolicyEstimator {
    package let name = "dr"
    private let model: any RewardModel
    private let folds: Int

    /// - Parameter folds: parts that users fall into by a hash of their number, 2 or more.
    package init(model: any RewardModel, folds: Int = 5) {
        self.model = model
        self.folds = max(2, folds)
    }

    package func value(_ log: OffPolicyLog) throws(OffPolicyError) -> ClusteredRatio {
        guard log.weighting != .slate else { throw .undefined(estimator: name, weighting: log.weighting.rawValue) }
        let fitted = (0..<folds).map { fold in model.fitted(to: log.slates.lazy.filter { self.fold(of: $0) != fold }) }
        return log.ratio { slate in
            let model = fitted[fold(of: slate)]
            let weights = log.weighting.weights(of: slate)
            var sum = 0.0
            for (index, place) in slate.places.enumerated() {
                let foretold = model.prediction(of: place, at: index)
                sum += weights.before[index] * foretold.expected
                sum += weights.own[index] * (place.reward - foretold.shown)
            }
            return sum
        }
    }

    private func fold(of slate: LoggedSlate) -> Int {
        Int(StableHash.mix(UInt64(bitPattern: Int64(slate.unit))) % UInt64(folds))
    }
}
