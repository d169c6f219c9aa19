package import CascadeCore

/// A place of a logged slate, as off-policy estimates see it.
package struct LoggedPlace: Hashable, Sendable {
    /// What came of the item that was shown here, such as 1 for a click.
    package var reward: Double
    /// The probability with which the logging policy gave the item this place; above 0.
    package var logging: Double
    /// The probability with which the target policy gives it this place.
    package var target: Double
    /// The item by its number in the log, for models by item; -1 where none is needed.
    package var item: Int32
    /// What models by a feature go by, such as the ranker's probability of the signal.
    package var feature: Double
    /// The mean of that feature over what the target policy would show here.
    package var expectedFeature: Double
    /// What the target policy would show here, by item; only for models by item.
    package var targets: [ItemProbability]
    /// The share of the target's probability on items that logging could never show here.
    package var unsupported: Double

    package init(
        reward: Double, logging: Double, target: Double, item: Int32 = -1, feature: Double = 1,
        expectedFeature: Double = 1, targets: [ItemProbability] = [], unsupported: Double = 0
    ) {
        self.reward = reward
        self.logging = logging
        self.target = target
        self.item = item
        self.feature = feature
        self.expectedFeature = expectedFeature
        self.targets = targets
        self.unsupported = unsupported
    }
}

/// An item and how likely a policy shows it.
package struct ItemProbability: Hashable, Sendable {
    package let item: Int32
    package let probability: Double

    package init(item: Int32, probability: Double) {
        self.item = item
        self.probability = probability
    }
}

/// A logged slate with what came of it.
package struct LoggedSlate: Hashable, Sendable {
    /// The user by number, from 0 without gaps: slates of one user hang together.
    package var unit: Int32
    package var places: [LoggedPlace]

    package init(unit: Int32, places: [LoggedPlace]) {
        self.unit = unit
        self.places = places
    }
}

/// Logged slates, and how the probabilities of their places go together.
package struct OffPolicyLog: Sendable {
    package var slates: [LoggedSlate]
    package var weighting: SlateWeighting

    package init(slates: [LoggedSlate], weighting: SlateWeighting) {
        self.slates = slates
        self.weighting = weighting
    }

    /// How many users there are.
    package var units: Int { slates.map { Int($0.unit) + 1 }.max() ?? 0 }

    /// Mean of what was logged: the value of the logging policy, as a sum of rewards a slate.
    package var logged: ClusteredRatio { ratio { $0.places.reduce(0) { $0 + $1.reward } } }

    /// The share of the target's choices that logging could never make, estimated from the places before them.
    ///
    /// Where probabilities are given the places before, a slate of the target's is lost from its first such choice on; with
    /// slate weights it is lost whole.
    package var unsupportedShare: Double {
        var sum = 0.0
        var count = 0
        for slate in slates {
            let before = weighting.weights(of: slate).before
            var lost = 0.0
            for (place, weight) in zip(slate.places, before) {
                lost = weighting == .independent ? place.unsupported : lost + weight * place.unsupported
                if weighting != .slate { sum += lost }
            }
            if weighting == .slate { sum += lost * Double(slate.places.count) }
            count += slate.places.count
        }
        return count == 0 ? 0 : min(1, sum / Double(count))
    }

    /// The mean over slates of a figure, with its error over users.
    package func ratio(_ figure: (LoggedSlate) -> Double) -> ClusteredRatio {
        var parts = [(numerator: Double, denominator: Double)](repeating: (0, 0), count: units)
        for slate in slates {
            parts[Int(slate.unit)].numerator += figure(slate)
            parts[Int(slate.unit)].denominator += 1
        }
        return ClusteredRatio(parts.filter { $0.denominator > 0 })
    }
}
