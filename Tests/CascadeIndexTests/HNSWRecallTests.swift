import CascadeIndex
import Testing

/// How much the graph finds, beside the exact index and beside Faiss's own insertion and search.
@Suite struct HNSWRecallTests {
    static let dimension = 64
    static let count = 20_000
    static let vectors = clusteredVectors(count: count, dimension: dimension, clusters: 100, seed: 31)
    static let queries = clusteredVectors(count: 200, dimension: dimension, clusters: 100, seed: 31, sample: 1)

    static let built = Result { try indexAndGraph(vectors) }

    static func indexAndGraph(
        _ vectors: [Float], insertion: HNSWBuilder.Insertion = .own
    ) throws -> (HNSWIndex, HNSWGraph) {
        let graph = try HNSWBuilder(threads: 2, insertion: insertion).build(vectors: vectors, dimension: dimension)
        return try withTemporaryFolder { folder in
            try graph.write(to: folder + "/index")
            return (try HNSWIndex(path: folder + "/index"), graph)
        }
    }

    @Test(arguments: [10, 100])
    func defaultsReach98Percent(_ k: Int) throws {
        let (index, _) = try Self.built.get()
        let recall = try measureRecall(of: index, against: index.exact, queries: Self.queries, k: k)
        #expect(recall >= 0.98, "recall@\(k) is \(recall)")
    }

    @Test func longAndShortVectorsAreFoundToo() throws {
        let vectors = clusteredVectors(
            count: Self.count, dimension: Self.dimension, clusters: 100, seed: 32, normalised: false)
        let queries = clusteredVectors(
            count: 200, dimension: Self.dimension, clusters: 100, seed: 32, sample: 1, normalised: false)
        let (index, _) = try Self.indexAndGraph(vectors)
        let recall = try measureRecall(of: index, against: index.exact, queries: queries, k: 100)
        #expect(recall >= 0.97, "recall@100 is \(recall)")
    }

    @Test func scoresHaveTheBitsOfTheExactOnes() throws {
        let (index, _) = try Self.built.get()
        let exact = try FlatIndex(vectors: Self.vectors, dimension: Self.dimension)
        for number in 0..<50 {
            let query = vector(Self.queries, number, dimension: Self.dimension)
            let truth = try exact.search(query, k: 200)
            let bits = Dictionary(uniqueKeysWithValues: truth.map { ($0.row, $0.score.bitPattern) })
            for neighbor in try index.search(query, k: 100) {
                guard let expected = bits[neighbor.row] else { continue }
                #expect(neighbor.score.bitPattern == expected)
            }
        }
    }

    @Test func ourInsertionAndSearchAreAsGoodAsFaiss() throws {
        let (ours, ourGraph) = try Self.built.get()
        let (theirs, _) = try Self.indexAndGraph(Self.vectors, insertion: .faiss)
        let truth = try GroundTruth(exact: ours.exact, queries: Self.queries, k: 50)
        let ourRecall = try truth.recall(of: ours, effort: 50)
        let theirRecall = try truth.recall(of: theirs, effort: 50)
        #expect(ourRecall >= theirRecall - 0.01, "insertion: \(ourRecall) beside \(theirRecall)")
        var ourHits = 0
        var theirHits = 0
        for number in 0..<100 {
            let query = vector(Self.queries, number, dimension: Self.dimension)
            let best = Set(try ours.exact.search(query, k: 50).map(\.row))
            ourHits += try ours.search(query, k: 50, effort: 50).filter { best.contains($0.row) }.count
            let found = try ourGraph.searchWithFaiss(query, k: 50, effort: 50)
            theirHits += found.filter { best.contains($0.row) }.count
        }
        #expect(theirHits > 4000)
        #expect(ourHits >= theirHits - 50, "search: \(ourHits) beside \(theirHits) of 5000")
    }

    @Test func moreEffortFindsMore() throws {
        let (index, _) = try Self.built.get()
        let truth = try GroundTruth(exact: index.exact, queries: Self.queries, k: 10)
        let recalls = try [10, 40, 160, Self.count].map { try truth.recall(of: index, effort: $0) }
        for (less, more) in zip(recalls, recalls.dropFirst()) { #expect(more >= less - 0.002) }
        #expect(recalls.last == 1)
    }
}
