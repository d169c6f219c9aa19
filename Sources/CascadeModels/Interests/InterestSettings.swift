package import CascadeCore

/// How users are retrieved for in several interests at once: the clusters, the training of the multi-task model, and how a
/// request is shared out among clusters.
package struct InterestSettings: Hashable, Sendable, Codable {
    /// Whether a training run makes clusters and the model over them.
    package var enabled = false
    package var clusters = 16
    package var clusterBy = ClusterSource.itemTower
    /// The attribute that clusters by category go by; empty: the item's first category.
    package var category = ""
    /// Items of the largest cluster over the mean at most; does not hold for clusters by category.
    package var slack = 1.5
    package var form = InterestForm.prompt
    /// Experts of the form of that name.
    package var experts = 4
    /// Passes over the interactions, from the weights of the retrieval model on.
    package var epochs = 3
    package var learningRate = 1e-3
    package var batchSize = 2048
    /// Negatives that are drawn from each cluster for a worker's step, beside the batch's own items of that cluster.
    package var negatives = 128
    /// Weight of the intent's cross-entropy beside the retrieval loss.
    package var intentWeight = 0.2
    /// Clusters share a request by probability to this power: 0 equally, more for the greedy.
    package var alpha = 1.0
    /// Clusters that a request gets candidates of at least, and at most.
    package var least = 1
    package var most = 8
    /// Clusters of fewer items are searched exactly, without a graph.
    package var exactBelow = 4096

    private enum CodingKeys: String, CodingKey {
        case enabled
        case clusters
        case clusterBy = "cluster_by"
        case category
        case slack
        case form
        case experts
        case epochs
        case learningRate = "learning_rate"
        case batchSize = "batch_size"
        case negatives
        case intentWeight = "intent_weight"
        case alpha
        case least
        case most
        case exactBelow = "exact_below"
    }

    package init() {}

    /// What is wrong with the settings; empty when they can be used.
    package func problems() -> [String] {
        var found: [String] = []
        func check(_ holds: Bool, _ rule: String) { if !holds { found.append("interests.\(rule)") } }
        check((2...4096).contains(clusters), "clusters must be 2 to 4096")
        check(slack >= 1 && slack <= 1000, "slack must be 1 (all clusters as large) to 1000")
        check((1...64).contains(experts), "experts must be 1 to 64")
        check((0...1000).contains(epochs), "epochs must be 0 (the retrieval model as it is) to 1000")
        check(learningRate > 0 && learningRate <= 1, "learning_rate must be above 0, at most 1")
        check((2...1_000_000).contains(batchSize), "batch_size must be 2 or more")
        check((1...100_000).contains(negatives), "negatives must be 1 to 100000")
        check(intentWeight > 0 && intentWeight <= 100, "intent_weight must be above 0, at most 100")
        check((0...100).contains(alpha), "alpha must be 0 (all chosen clusters alike) to 100")
        check((1...4096).contains(most), "most must be 1 to 4096")
        check(least >= 1 && least <= most, "least must be 1 to interests.most")
        check((0...100_000_000).contains(exactBelow), "exact_below must be 0 or more")
        return found
    }

    /// What names the cluster of an item: its first category or attribute; nil where clusters have no names, empty for an
    /// item that says nothing.
    package func clusterName(of item: Item) -> String? {
        guard clusterBy == .category else { return nil }
        let tokens = category.isEmpty ? item.categories : item.attributes[category]?.tokens ?? []
        return tokens.first ?? ""
    }

    /// How a request is shared out.
    package var quotas: InterestQuotas { InterestQuotas(alpha: alpha, least: least, most: most) }
}
