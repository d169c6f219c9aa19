/// How much worse a ranker gets where it is told the values of a feature of other rows: permutation importance.
///
/// Features that tell the same take each other's place, so two that matter together can each have little.
/// Source: Breiman, "Random forests" (2001), section 10.
package struct FeatureImportance: Sendable, Codable, Equatable {
    /// What one feature is worth to one head.
    package struct Loss: Sendable, Codable, Equatable {
        /// `user.city`, `item.creator`, `item.vector.image`, `history`, `counters`, `towers`.
        package let feature: String
        /// AUC less that with permuted values.
        package let auc: Double
        /// Log loss with permuted values less that without.
        package let logLoss: Double
    }

    package struct Head: Sendable, Codable, Equatable {
        package let head: String
        /// Of the sampled rows on which the head was recorded, with true values.
        package let rows: Int
        package let auc: Double
        package let logLoss: Double
        /// Those whose log loss rises most come first.
        package let losses: [Loss]
    }

    /// Impressions of the sample.
    package let rows: Int
    package let users: Int
    /// Heads with both outcomes in the sample.
    package let heads: [Head]
}

/// How features are permuted.
package struct ImportanceOptions: Hashable, Sendable {
    /// Impressions that are scored for each feature: whole users are drawn until there are as many.
    package var rows = 20_000
    package var seed: UInt64 = 1

    package init() {}
}
