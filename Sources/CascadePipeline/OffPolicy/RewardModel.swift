/// Foretells rewards for the doubly robust estimator.
package protocol RewardModel: Sendable {
    /// Fits to slates; with none it foretells nothing, which is 0.
    func fitted(to slates: some Sequence<LoggedSlate>) -> any FittedRewardModel
}

/// A reward model that was fitted.
package protocol FittedRewardModel: Sendable {
    /// The reward of what was shown at a place of a slate, and the mean of that of what the target policy would show there.
    func prediction(of place: LoggedPlace, at index: Int) -> (shown: Double, expected: Double)
}

/// The feature of a place, such as the ranker's probability, times a factor of its place in the slate: what looks further down
/// are worth less. The factor is `(Σr + α) / (Σf + 1)` over the place, with `α = Σr / Σf` over all.
package struct ScaledFeatureModel: RewardModel {
    package init() {}

    package func fitted(to slates: some Sequence<LoggedSlate>) -> any FittedRewardModel {
        var rewards: [Double] = []
        var features: [Double] = []
        for slate in slates {
            for (index, place) in slate.places.enumerated() {
                if index == rewards.count {
                    rewards.append(0)
                    features.append(0)
                }
                rewards[index] += place.reward
                features[index] += place.feature
            }
        }
        let whole = features.reduce(0, +)
        let common = whole > 0 ? rewards.reduce(0, +) / whole : 0
        return Fitted(factors: zip(rewards, features).map { ($0 + common) / ($1 + 1) }, common: common)
    }

    private struct Fitted: FittedRewardModel {
        let factors: [Double]
        let common: Double

        func prediction(of place: LoggedPlace, at index: Int) -> (shown: Double, expected: Double) {
            let factor = index < factors.count ? factors[index] : common
            return (factor * place.feature, factor * place.expectedFeature)
        }
    }
}

/// The mean reward of an item at a place, drawn towards the mean of the place as if that had been seen ten times more. Needs
/// `LoggedPlace.targets`.
package struct ItemPlaceModel: RewardModel {
    private static let strength = 10.0

    package init() {}

    private struct Key: Hashable {
        let item: Int32
        let index: Int
    }

    package func fitted(to slates: some Sequence<LoggedSlate>) -> any FittedRewardModel {
        var pairs: [Key: (sum: Double, count: Double)] = [:]
        var places: [(sum: Double, count: Double)] = []
        for slate in slates {
            for (index, place) in slate.places.enumerated() {
                if index == places.count { places.append((0, 0)) }
                places[index].sum += place.reward
                places[index].count += 1
                pairs[Key(item: place.item, index: index), default: (0, 0)].sum += place.reward
                pairs[Key(item: place.item, index: index), default: (0, 0)].count += 1
            }
        }
        let means = places.map { $0.count > 0 ? $0.sum / $0.count : 0 }
        var values: [Key: Double] = [:]
        for (key, pair) in pairs {
            values[key] = (pair.sum + Self.strength * means[key.index]) / (pair.count + Self.strength)
        }
        return Fitted(values: values, means: means)
    }

    private struct Fitted: FittedRewardModel {
        let values: [Key: Double]
        let means: [Double]

        func prediction(of place: LoggedPlace, at index: Int) -> (shown: Double, expected: Double) {
            let expected = place.targets.reduce(0) { $0 + $1.probability * value($1.item, index) }
            return (value(place.item, index), expected)
        }

        private func value(_ item: Int32, _ index: Int) -> Double {
            values[Key(item: item, index: index)] ?? (index < means.count ? means[index] : 0)
        }
    }
}
