package import CascadeNN

/// What training of the ranker makes small.
package protocol RankerLoss: Sendable {
    /// What the configuration calls it.
    static var name: String { get }
    /// Declares the parameters that are only of the loss.
    init(_ store: ParameterStore, heads: Int, settings: RankerSettings) throws
    /// Whether rows of one user must lie together.
    var readsGroups: Bool { get }
    /// Whether all heads learn one target, the mean of their outcomes by loss weight.
    var joinsTargets: Bool { get }
    /// Records the loss, a scalar.
    func record(_ plan: Plan, _ rows: LossRows) -> Value
}

extension RankerLoss {
    package var readsGroups: Bool { false }
    package var joinsTargets: Bool { false }
}

/// What a loss sees of R rows.
package struct LossRows {
    /// [R × heads].
    package let logits: Value
    /// [R × heads] 0 to 1.
    package let labels: Value
    /// [R × heads] loss weights, 0 where an outcome was not recorded.
    package let weights: Value
    /// Stretches of rows of one user; nil for a loss that does not read them.
    package let groups: Offsets?

    package init(logits: Value, labels: Value, weights: Value, groups: Offsets?) {
        self.logits = logits
        self.labels = labels
        self.weights = weights
        self.groups = groups
    }
}

/// The losses that the configuration can name.
enum RankerLosses {
    static let members = Members<any RankerLoss.Type>(
        key: "ranker.loss",
        all: [
            CrossEntropyLoss.name: CrossEntropyLoss.self,
            PairwiseUserLoss.name: PairwiseUserLoss.self,
            WeightedTargetLoss.name: WeightedTargetLoss.self,
        ])

    /// Declares the one that `settings` name.
    static func make(
        _ store: ParameterStore, heads: Int, settings: RankerSettings
    ) throws -> any RankerLoss {
        guard let type = try members.member(settings.loss) else { throw ModelError.badSettings(settings.problems()) }
        return try type.init(store, heads: heads, settings: settings)
    }
}
