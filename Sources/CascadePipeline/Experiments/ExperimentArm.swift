package import CascadeCore

/// The arm of an A/B test that a request was served by.
package struct ExperimentArm: Hashable, Sendable {
    package let experiment: String
    package let arm: String

    package init(experiment: String, arm: String) {
        self.experiment = experiment
        self.arm = arm
    }

    /// What stands in the identifier of a recommendation behind the rest, such as `.more_likes-b`.
    ///
    /// Impressions and events name the recommendation, so they carry the arm without a write or a look-up of their own.
    var mark: String { ".\(experiment)-\(arm)" }
}

extension ExperimentSettings {
    /// The place of the arm of a user; nil for one who takes no part.
    ///
    /// Whether a user takes part and in which arm are two hashes of the identifier, salted by the test's name and the seed: stable,
    /// the same on every server, and independent of those of every other test.
    package func arm(of user: UserID, seed: UInt64) -> Int? {
        guard Self.uniform(user, "share of \(name)", seed) < share else { return nil }
        var left = Self.uniform(user, "arm of \(name)", seed) * arms.reduce(0) { $0 + $1.weight }
        for (place, arm) in arms.enumerated() {
            left -= arm.weight
            if left < 0 { return place }
        }
        return arms.indices.last
    }

    /// Uniform in [0, 1) over users.
    private static func uniform(_ user: UserID, _ salt: String, _ seed: UInt64) -> Double {
        Double(StableHash.hash(user.rawValue, seed: StableHash.hash(salt, seed: seed)) >> 11) * 0x1p-53
    }
}
