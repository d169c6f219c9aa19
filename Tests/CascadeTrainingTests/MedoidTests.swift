import CascadeCore
import Testing

@testable import CascadeTraining

@Suite struct WardClusterTests {
    /// Every merge by hand: the cheapest pair of all, until the cheapest costs more than the threshold.
    private static func slow(_ points: [[Double]], threshold: Double) -> [[Int]] {
        var clusters = points.indices.map { [$0] }
        func mean(_ cluster: [Int]) -> [Double] {
            points[0].indices.map { axis in cluster.reduce(0) { $0 + points[$1][axis] } / Double(cluster.count) }
        }
        func cost(_ left: [Int], _ right: [Int]) -> Double {
            let gap = zip(mean(left), mean(right)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            return 2 * Double(left.count * right.count) / Double(left.count + right.count) * gap
        }
        while clusters.count > 1 {
            var best = (cost: Double.infinity, left: 0, right: 0)
            for left in clusters.indices {
                for right in clusters.indices where right > left {
                    let own = cost(clusters[left], clusters[right])
                    if own < best.cost { best = (own, left, right) }
                }
            }
            guard best.cost <= threshold else { break }
            clusters[best.left] = (clusters[best.left] + clusters.remove(at: best.right)).sorted()
        }
        return clusters.sorted { $0[0] < $1[0] }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5]) func chainsFindWhatTheCheapestMergesGive(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let points = (0..<40).map { point in
            (0..<3).map { axis in (axis == point % 3 ? 2.0 : 0) + random.uniform() - 0.5 }
        }
        let flat = points.flatMap { $0.map { Float($0) } }
        for threshold in [0.01, 0.1, 0.3, 1, 5, 1000] {
            let found = WardClusters.of(flat, dimension: 3, threshold: Float(threshold))
            #expect(found == Self.slow(points, threshold: threshold), "threshold \(threshold)")
        }
        #expect(WardClusters.of(flat, dimension: 3, threshold: 5).count == 3)
    }

    @Test func fewOrEqualVectorsAreNoTrouble() {
        #expect(WardClusters.of([], dimension: 2, threshold: 1).isEmpty)
        #expect(WardClusters.of([1, 2], dimension: 2, threshold: 1) == [[0]])
        #expect(WardClusters.of([Float](repeating: 1, count: 12), dimension: 2, threshold: 0) == [[0, 1, 2, 3, 4, 5]])
        #expect(WardClusters.of([0, 1, 5], dimension: 1, threshold: -1) == [[0], [1], [2]])
    }
}

@Suite struct MedoidTests {
    /// Two bundles of directions: rows 0 to 4 near one axis, 5 to 9 near the other; the middle of each is its third.
    private static let vectors: [Float] = {
        let turns: [Float] = [-0.2, -0.1, 0, 0.1, 0.2]
        let along = turns.map { (1 - $0 * $0).squareRoot() }
        return zip(along, turns).flatMap { [$0, $1] } + zip(turns, along).flatMap { [$0, $1] }
    }()

    private static func clusters(
        _ past: [Int32], _ change: (inout MedoidRecommender.Settings) -> Void = { _ in }
    ) -> [MedoidRecommender.Cluster] {
        var settings = MedoidRecommender.Settings()
        change(&settings)
        return MedoidRecommender.clusters(past, vectors, dimension: 2, settings)
    }

    @Test func eachBundleIsToldByItsMiddle() {
        let found = Self.clusters([0, 5, 1, 6, 2, 7, 3, 8, 4, 9])
        #expect(Set(found.map(\.medoid)) == [2, 7])
        #expect(Self.clusters([]).isEmpty)
        #expect(Self.clusters([4]).map(\.medoid) == [4])
    }

    @Test func whatIsOfNowAndWhatCameOftenCountsMore() {
        // As many steps of each: the newer bundle is ahead.
        #expect(Self.clusters([0, 1, 2, 5, 6, 7]).map(\.medoid).first.map { $0 >= 5 } == true)
        #expect(Self.clusters([5, 6, 7, 0, 1, 2]).map(\.medoid).first.map { $0 < 5 } == true)
        // An item as often as it came.
        #expect(Self.clusters([1, 1, 1, 1, 6, 7], { $0.decay = 0 }).first?.medoid == 1)
        #expect(Self.clusters([1, 1, 1, 1, 6, 7], { $0.decay = 0 }).map(\.importance) == [4, 2])
        #expect(Self.clusters([0, 1, 2, 5, 6, 7]) { $0.items = 3 }.count == 1)
    }
}
