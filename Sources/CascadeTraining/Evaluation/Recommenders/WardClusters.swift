/// Hierarchical clusters of vectors by Ward's criterion, cut where a merge would cost more than a threshold.
///
/// The cost of merging clusters a and b is `2 n_a n_b / (n_a + n_b) · |mean_a − mean_b|²`: for two vectors their squared
/// distance. Chains of nearest neighbours find all merges; costs grow up the tree, so the order in which they are found
/// does not matter.
///
/// Sources: Ward 1963; the update of distances by Lance and Williams 1967; the chains by Murtagh 1983.
enum WardClusters {
    /// Clusters as lists of rows, each ascending, in the order of their first rows.
    ///
    /// - Parameters:
    ///   - vectors: [n × d]
    ///   - threshold: the largest cost of a merge that is made.
    /// - Complexity: O(n² (d + 1)) time, O(n²) space.
    static func of(_ vectors: [Float], dimension: Int, threshold: Float) -> [[Int]] {
        let count = vectors.count / max(1, dimension)
        guard count > 1 else { return count == 1 ? [[0]] : [] }
        var tree = Tree(vectors, dimension: dimension, count: count)
        var owner = Array(0..<count)
        func root(_ row: Int) -> Int {
            var row = row
            while owner[row] != row { row = owner[row] }
            return row
        }
        for merge in tree.merges() where merge.cost <= threshold {
            let (left, right) = (root(merge.left), root(merge.right))
            owner[max(left, right)] = min(left, right)
        }
        var clusters: [Int: [Int]] = [:]
        for row in 0..<count { clusters[root(row), default: []].append(row) }
        return clusters.keys.sorted().compactMap { clusters[$0] }
    }

    private struct Merge {
        /// A row of each of both clusters.
        let left: Int
        let right: Int
        let cost: Float
    }

    private struct Tree {
        private let count: Int
        /// [n × n] costs of merging the clusters that are named by a row.
        private var costs: [Float]
        /// [n] items of the cluster named by a row; 0 for one that is part of another.
        private var sizes: [Float]

        init(_ vectors: [Float], dimension: Int, count: Int) {
            self.count = count
            costs = [Float](repeating: 0, count: count * count)
            sizes = [Float](repeating: 1, count: count)
            for left in 0..<count {
                for right in 0..<left {
                    var sum: Float = 0
                    for column in 0..<dimension {
                        let gap = vectors[left * dimension + column] - vectors[right * dimension + column]
                        sum += gap * gap
                    }
                    costs[left * count + right] = sum
                    costs[right * count + left] = sum
                }
            }
        }

        /// All n − 1 merges.
        mutating func merges() -> [Merge] {
            var merges: [Merge] = []
            var chain: [Int] = []
            while merges.count < count - 1 {
                if chain.isEmpty, let first = sizes.firstIndex(where: { $0 > 0 }) { chain = [first] }
                let tip = chain[chain.count - 1]
                let former = chain.count > 1 ? chain[chain.count - 2] : nil
                let nearest = nearest(to: tip, preferring: former)
                if nearest == former {
                    chain.removeLast(2)
                    merges.append(Merge(left: min(tip, nearest), right: max(tip, nearest), cost: cost(tip, nearest)))
                    merge(max(tip, nearest), into: min(tip, nearest))
                } else {
                    chain.append(nearest)
                }
            }
            return merges
        }

        private func cost(_ left: Int, _ right: Int) -> Float { costs[left * count + right] }

        /// The cluster before the tip wins ties, so that chains end.
        private func nearest(to tip: Int, preferring former: Int?) -> Int {
            var best = former ?? -1
            var least = former.map { cost(tip, $0) } ?? .infinity
            for other in 0..<count where other != tip && sizes[other] > 0 {
                let own = cost(tip, other)
                if own < least || best < 0 { (best, least) = (other, own) }
            }
            return best
        }

        private mutating func merge(_ gone: Int, into kept: Int) {
            let between = cost(kept, gone)
            for other in 0..<count where other != kept && other != gone && sizes[other] > 0 {
                let both = sizes[kept] + sizes[gone] + sizes[other]
                let sum =
                    (sizes[kept] + sizes[other]) * cost(kept, other) + (sizes[gone] + sizes[other]) * cost(gone, other)
                    - sizes[other] * between
                costs[kept * count + other] = sum / both
                costs[other * count + kept] = sum / both
            }
            sizes[kept] += sizes[gone]
            sizes[gone] = 0
        }
    }
}
