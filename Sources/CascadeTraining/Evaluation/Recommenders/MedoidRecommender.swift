import CascadeFeatures
import CascadeModels
import Foundation

/// A user as the medoids of the past: the items that gave the signal are clustered by the item tower of the trained model,
/// and each cluster is searched for by the item in its middle, without any user tower.
///
/// A cluster counts Σ e^(−λ age) over its steps, age in steps. The most important ones share a list in turns by importance,
/// as `InterestQuotas` says.
///
/// Source: "PinnerSage", Pal et al. 2020, which draws three clusters by importance; here the most important are taken, so
/// that the same past gives the same list.
struct MedoidRecommender: CandidateRecommender {
    /// How a past becomes clusters and a list.
    struct Settings: Hashable, Sendable {
        /// Distinct items of a past that are clustered, the newest.
        var items = 200
        /// Largest cost of a merge, in squared distances of vectors of length one, of which opposite ones are 4 apart.
        var threshold: Float = 1
        /// λ, a step.
        var decay = 0.01
        /// Clusters that are searched for.
        var most = 5
        /// Items that get a place; the others are left to popularity.
        var listed = 1000
    }

    /// A cluster of a past.
    struct Cluster: Hashable, Sendable {
        /// The row of its item with the least sum of squared distances to the others.
        let medoid: Int32
        let importance: Float
    }

    let name = "medoids"
    private let data: EvaluationData
    private let signal: Int
    private let settings: Settings
    private let dimension: Int
    /// [items × d] each of length one.
    private let vectors: [Float]

    init(_ data: EvaluationData, signal: Int, settings: Settings = Settings()) throws {
        self.data = data
        self.signal = signal
        self.settings = settings
        dimension = data.bundle.retrieval.dimension
        let items = data.bundle.rows.items.count
        vectors =
            ItemSpace(
                try data.bundle.retrieval.itemVectors(rows: 0..<items), dimension: dimension,
                rows: (0..<Int32(items)).map { $0 }
            ).vectors
    }

    func scores(for task: RetrievalTask) -> [Float] {
        let past = PastItems.inOrder(task.user, end: task.historyEnd, data, signal: signal)
        let clusters = Self.clusters(past, vectors, dimension: dimension, settings)
        return Self.scores(clusters, vectors, dimension: dimension, without: task.shown, settings)
    }

    /// The clusters of a past, most important first.
    ///
    /// - Parameters:
    ///   - past: rows of items, oldest first.
    ///   - vectors: [items × d] each of length one.
    static func clusters(
        _ past: [Int32], _ vectors: [Float], dimension: Int, _ settings: Settings
    ) -> [Cluster] {
        var weights: [Int32: Double] = [:]
        var items: [Int32] = []
        for (age, item) in past.reversed().enumerated() {
            if weights[item] == nil {
                guard items.count < settings.items else { continue }
                items.append(item)
            }
            weights[item, default: 0] += exp(-settings.decay * Double(age))
        }
        func vector(_ item: Int32) -> ArraySlice<Float> {
            vectors[(Int(item) * dimension)..<((Int(item) + 1) * dimension)]
        }
        let found = WardClusters.of(items.flatMap { vector($0) }, dimension: dimension, threshold: settings.threshold)
        let clusters = found.map { members -> Cluster in
            let own = members.map { items[$0] }
            // Among vectors of length one, the least sum of squared distances is the largest inner product with the sum.
            var sum = [Float](repeating: 0, count: dimension)
            for item in own { for (column, value) in vector(item).enumerated() { sum[column] += value } }
            func centrality(_ item: Int32) -> Float { zip(vector(item), sum).reduce(0) { $0 + $1.0 * $1.1 } }
            let middle = own.max { (centrality($0), $1) < (centrality($1), $0) } ?? own[0]
            return Cluster(medoid: middle, importance: Float(own.reduce(0) { $0 + (weights[$1] ?? 0) }))
        }
        return clusters.sorted { ($0.importance, $1.medoid) > ($1.importance, $0.medoid) }
    }

    /// [items] falling by place for the listed items, zeros for the others.
    private static func scores(
        _ clusters: [Cluster], _ vectors: [Float], dimension: Int, without shown: [Int32], _ settings: Settings
    ) -> [Float] {
        let items = vectors.count / dimension
        var scores = [Float](repeating: 0, count: items)
        let chosen = clusters.prefix(settings.most)
        let lists = chosen.map { cluster -> [Int32] in
            let start = Int(cluster.medoid) * dimension
            let own = VectorScores.all(vectors, Array(vectors[start..<(start + dimension)]))
            return (0..<Int32(items)).sorted { (own[Int($0)], $1) > (own[Int($1)], $0) }
        }
        var taken = [Bool](repeating: false, count: items)
        for item in shown { taken[Int(item)] = true }
        var next = [Int](repeating: 0, count: lists.count)
        let total = max(chosen.reduce(0) { $0 + $1.importance }, .leastNormalMagnitude)
        let quotas = InterestQuotas(alpha: 1, least: 1, most: settings.most)
        let places = quotas.merged(
            chosen.map { $0.importance / total }, counts: lists.map(\.count), limit: settings.listed)
        for (place, turn) in places.enumerated() {
            // Lists of neighbours overlap: a turn takes the list's next item that no other brought.
            while next[turn.list] < items, taken[Int(lists[turn.list][next[turn.list]])] { next[turn.list] += 1 }
            guard next[turn.list] < items else { continue }
            let item = Int(lists[turn.list][next[turn.list]])
            taken[item] = true
            scores[item] = Float(places.count - place)
        }
        return scores
    }
}
