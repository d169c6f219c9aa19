import CascadeIndex
import Testing

@Suite struct BalancedAssignmentTests {
    static func random(_ count: Int, seed: UInt64) -> [Float] {
        var random = TestRandom(seed: seed)
        return (0..<count).map { _ in random.normal() }
    }

    static func total(_ assignments: [Int32], _ vectors: [Float], _ centroids: [Float], dimension: Int) -> Double {
        assignments.enumerated().reduce(0) { sum, pair in
            sum
                + product(
                    vector(vectors, pair.offset, dimension: dimension),
                    vector(centroids, Int(pair.element), dimension: dimension))
        }
    }

    static func loads(_ assignments: [Int32], clusters: Int) -> [Int] {
        var loads = [Int](repeating: 0, count: clusters)
        for cluster in assignments { loads[Int(cluster)] += 1 }
        return loads
    }

    /// The highest total of all assignments that keep the capacities.
    static func best(_ vectors: [Float], _ centroids: [Float], dimension: Int, capacities: [Int]) -> Double {
        let rows = vectors.count / dimension
        func best(_ row: Int, _ left: [Int]) -> Double {
            guard row < rows else { return 0 }
            var found = -Double.infinity
            for cluster in left.indices where left[cluster] > 0 {
                var fewer = left
                fewer[cluster] -= 1
                let own = product(
                    vector(vectors, row, dimension: dimension), vector(centroids, cluster, dimension: dimension))
                found = max(found, own + best(row + 1, fewer))
            }
            return found
        }
        return best(0, capacities)
    }

    @Test func smallCasesAreAsGoodAsAnyAssignment() throws {
        for seed in UInt64(1)...150 {
            var random = TestRandom(seed: seed)
            let rows = 1 + Int(random.next() % 7)
            let clusters = 1 + Int(random.next() % 4)
            let dimension = 1 + Int(random.next() % 3)
            let vectors = Self.random(rows * dimension, seed: seed &* 7)
            let centroids = Self.random(clusters * dimension, seed: seed &* 11)
            var capacities = (0..<clusters).map { _ in Int(random.next() % 4) }
            capacities[0] += max(0, rows - capacities.reduce(0, +))
            let found = try BalancedAssignment().assign(
                vectors: vectors, centroids: centroids, dimension: dimension, capacities: capacities)
            #expect(zip(Self.loads(found, clusters: clusters), capacities).allSatisfy { $0 <= $1 }, "seed \(seed)")
            let (reached, possible) = (
                Self.total(found, vectors, centroids, dimension: dimension),
                Self.best(vectors, centroids, dimension: dimension, capacities: capacities)
            )
            #expect(abs(reached - possible) < 1e-4, "seed \(seed): \(reached) of \(possible)")
        }
    }

    @Test(arguments: [1.0, 1.2, 3], [1, 3, 16])
    func capacitiesAreKept(slack: Double, candidates: Int) throws {
        let (rows, clusters, dimension) = (3000, 40, 8)
        // Centroids of a sample, so that some are much more crowded than others.
        let vectors = clusteredVectors(count: rows, dimension: dimension, clusters: 6, seed: 5)
        let centroids = Array(vectors[..<(clusters * dimension)])
        let capacity = BalancedAssignment.capacity(rows: rows, clusters: clusters, slack: slack)
        var run = BalancedAssignment()
        run.candidates = candidates
        let capacities = [Int](repeating: capacity, count: clusters)
        let found = try run.assign(
            vectors: vectors, centroids: centroids, dimension: dimension, capacities: capacities)
        #expect(found.count == rows)
        #expect((Self.loads(found, clusters: clusters).max() ?? 0) <= capacity)
        run.threads = 3
        #expect(
            try run.assign(vectors: vectors, centroids: centroids, dimension: dimension, capacities: capacities)
                == found)
    }

    /// What no exchange of two rows betters, with more candidates or fewer.
    @Test func noExchangeOfTwoRowsIsBetter() throws {
        let (rows, clusters, dimension) = (400, 9, 5)
        let vectors = clusteredVectors(count: rows, dimension: dimension, clusters: 3, seed: 21)
        let centroids = Array(vectors[..<(clusters * dimension)])
        let capacities = [Int](repeating: 50, count: clusters)
        let found = try BalancedAssignment().assign(
            vectors: vectors, centroids: centroids, dimension: dimension, capacities: capacities)
        let score = (0..<rows).map { row in
            (0..<clusters).map {
                product(vector(vectors, row, dimension: dimension), vector(centroids, $0, dimension: dimension))
            }
        }
        var better = 0
        for one in 0..<rows {
            let a = Int(found[one])
            for other in 0..<one {
                let b = Int(found[other])
                if score[one][b] + score[other][a] > score[one][a] + score[other][b] + 1e-4 { better += 1 }
            }
        }
        #expect(better == 0)
    }

    @Test func muchSlackGivesTheNearest() throws {
        let (rows, clusters, dimension) = (500, 12, 6)
        let vectors = clusteredVectors(count: rows, dimension: dimension, clusters: 4, seed: 8)
        let centroids = Array(vectors[..<(clusters * dimension)])
        let found = try BalancedAssignment().assign(
            vectors: vectors, centroids: centroids, dimension: dimension,
            capacities: [Int](repeating: rows, count: clusters))
        for row in 0..<rows {
            let own = vector(vectors, row, dimension: dimension)
            let scores = (0..<clusters).map { product(own, vector(centroids, $0, dimension: dimension)) }
            #expect(scores[Int(found[row])] >= (scores.max() ?? 0) - 1e-5, "row \(row)")
        }
    }

    /// All rows alike, all wanting the same few centroids: they are spread all the same.
    @Test func rowsThatAreAllAlikeAreSpread() throws {
        let vectors = [Float](repeating: 1, count: 2 * 600)
        let centroids = (0..<120).map { $0 % 2 == 0 ? Float($0 % 14) : 1 }
        var run = BalancedAssignment()
        run.candidates = 2
        let found = try run.assign(
            vectors: vectors, centroids: centroids, dimension: 2, capacities: [Int](repeating: 10, count: 60))
        #expect(Self.loads(found, clusters: 60) == [Int](repeating: 10, count: 60))
    }

    @Test func capacityIsTheShareWithSlack() {
        #expect(BalancedAssignment.capacity(rows: 100, clusters: 8, slack: 1) == 13)
        #expect(BalancedAssignment.capacity(rows: 100, clusters: 8, slack: 1.5) == 19)
        #expect(BalancedAssignment.capacity(rows: 3, clusters: 8, slack: 1) == 1)
        #expect(BalancedAssignment.capacity(rows: 0, clusters: 8, slack: 1) == 1)
        #expect(BalancedAssignment.capacity(rows: 100, clusters: 1, slack: .infinity) == Int(Int32.max))
    }

    @Test func badInputIsAnError() throws {
        let run = BalancedAssignment()
        func fails(_ name: String, _ body: () throws -> Void) {
            #expect("\(name)") {
                try body()
            } throws: { error in
                guard case .invalidParameter(name, _, _)? = error as? IndexError else { return false }
                return true
            }
        }
        fails("capacities") {
            _ = try run.assign(vectors: [1, 2], centroids: [1, 2], dimension: 1, capacities: [2])
        }
        fails("room in all") {
            _ = try run.assign(vectors: [1, 2, 3], centroids: [1, 2], dimension: 1, capacities: [1, 1])
        }
        fails("capacity") {
            _ = try run.assign(vectors: [1], centroids: [1, 2], dimension: 1, capacities: [-1, 3])
        }
        fails("centroids") { _ = try run.assign(vectors: [1], centroids: [], dimension: 1, capacities: []) }
        fails("candidates") {
            var none = run
            none.candidates = 0
            _ = try none.assign(vectors: [1], centroids: [1], dimension: 1, capacities: [1])
        }
        #expect(throws: IndexError.self) {
            _ = try run.assign(vectors: [1, .nan], centroids: [1, 1], dimension: 1, capacities: [1, 1])
        }
        #expect(throws: IndexError.self) {
            _ = try run.assign(vectors: [1, 2, 3], centroids: [1, 1], dimension: 2, capacities: [2])
        }
        #expect(try run.assign(vectors: [], centroids: [1, 1], dimension: 2, capacities: [0]) == [])
        let most = [Int.max, Int.max]
        #expect(try run.assign(vectors: [2], centroids: [1, 3], dimension: 1, capacities: most) == [1])
    }
}
