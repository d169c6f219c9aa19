import CascadeCore
import CascadeFeatures
import CascadeModels
import Foundation

/// The columns of each cluster: its targets of the batch and negatives drawn from it, with the correction of each.
///
/// A cluster with no more met items than are drawn is a whole column block, and its softmax exact.
struct InterestColumns: Sendable {
    /// [clusters] the items of each that somebody met.
    let pools: [[Int32]]
    private let drawn: Int
    /// [items] log of the probability that an item is a column of its cluster; 0 where all are.
    private let logQ: [Float]

    /// - Parameters:
    ///   - clusters: [items] the cluster of each.
    ///   - rows: targets of a worker's step.
    init(_ clusters: [Int32], count: Int, negatives: Int, _ data: TrainingData, rows: Int) {
        drawn = negatives
        var met = [Double](repeating: 0, count: clusters.count)
        for item in data.log.item { met[Int(item)] += 1 }
        var pools = [[Int32]](repeating: [], count: count)
        for (item, cluster) in clusters.enumerated() where met[item] > 0 { pools[Int(cluster)].append(Int32(item)) }
        let total = max(1, met.reduce(0, +))
        var logQ = [Float](repeating: 0, count: clusters.count)
        for pool in pools where pool.count > negatives {
            let probability = SamplingProbability(draws: negatives, items: pool.count, targets: rows)
            for item in pool { logQ[Int(item)] = probability.log(share: met[Int(item)] / total) }
        }
        self.pools = pools
        self.logQ = logQ
    }

    /// Most columns of a worker with `rows` targets.
    func capacity(rows: Int) -> Int { rows + pools.reduce(0) { $0 + min($1.count, drawn) } }

    /// The items that a cluster's targets are told from, each once; a whole small cluster, else targets and drawn ones.
    func items(of cluster: Int, targets: [Int32], random: inout SeededRandom) -> [Int32] {
        let pool = pools[cluster]
        guard pool.count > drawn else { return pool }
        var items: [Int32] = []
        var met = Set<Int32>()
        for item in targets where met.insert(item).inserted { items.append(item) }
        for _ in 0..<drawn {
            let item = pool[random.below(pool.count)]
            if met.insert(item).inserted { items.append(item) }
        }
        return items
    }

    func correction(of item: Int32) -> Float { logQ[Int(item)] }
}
