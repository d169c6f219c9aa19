import CascadeIndex
import Testing

/// Data on which graphs tend to fall apart.
@Suite struct HNSWDegenerateTests {
    static func index(_ vectors: [Float], dimension: Int) throws -> HNSWIndex {
        try withTemporaryFolder { folder in
            try HNSWBuilder(threads: 2).build(vectors: vectors, dimension: dimension, path: folder + "/index")
        }
    }

    @Test(arguments: [1, 2, 100, 3000])
    func equalVectorsGiveAsManyAsAskedFor(_ count: Int) throws {
        let row: [Float] = [0.5, -0.5, 0.5, 0.5, 0]
        let index = try Self.index((0..<count).flatMap { _ in row }, dimension: 5)
        for k in [1, 10, 500, count] {
            let found = try index.search(row, k: k)
            #expect(found.count == min(k, count))
            #expect(found.allSatisfy { $0.score == 1 })
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.row < $1.row })
        }
    }

    @Test func zeroVectorsScoreZero() throws {
        let index = try Self.index([Float](repeating: 0, count: 800 * 4), dimension: 4)
        let found = try index.search([1, 2, 3, 4], k: 20)
        #expect(found.count == 20)
        #expect(found.allSatisfy { $0.score == 0 })
    }

    @Test func zeroVectorsAmongOthersDoNotHideThem() throws {
        let dimension = 16
        var vectors = clusteredVectors(count: 3000, dimension: dimension, clusters: 10, seed: 51)
        for row in stride(from: 0, to: 3000, by: 2) {
            for column in 0..<dimension { vectors[row * dimension + column] = 0 }
        }
        let index = try Self.index(vectors, dimension: dimension)
        let queries = (0..<40).flatMap { vector(vectors, $0 * 2 + 1, dimension: dimension) }
        let recall = try measureRecall(of: index, against: index.exact, queries: queries, k: 20)
        #expect(recall >= 0.95, "recall is \(recall)")
    }

    @Test func equalVectorsAmongOthersAreAllReached() throws {
        let dimension = 12
        var vectors = clusteredVectors(count: 4000, dimension: dimension, clusters: 10, seed: 54)
        let copied = vector(vectors, 7, dimension: dimension)
        let copies = (0..<600).map { 7 + $0 * 5 }
        for row in copies { vectors.replaceSubrange(row * dimension..<(row + 1) * dimension, with: copied) }
        let index = try Self.index(vectors, dimension: dimension)
        let found = try index.search(copied, k: 600, effort: 600)
        #expect(found.map { Int($0.row) } == copies)
        let queries = (0..<50).flatMap { vector(vectors, $0 * 5 + 1, dimension: dimension) }
        let recall = try measureRecall(of: index, against: index.exact, queries: queries, k: 20)
        #expect(recall >= 0.97, "recall is \(recall)")
    }

    @Test func zeroQueryGivesRowsOfScoreZero() throws {
        let vectors = clusteredVectors(count: 500, dimension: 8, clusters: 4, seed: 52)
        let found = try Self.index(vectors, dimension: 8).search([Float](repeating: 0, count: 8), k: 5)
        #expect(found.count == 5)
        #expect(found.allSatisfy { $0.score == 0 })
    }

    @Test func sortedDataIsSearchedAsWell() throws {
        let rows = (0..<4000).flatMap { number -> [Float] in
            let angle = Double(number) / 4000 * 3
            return [Float(angle) - 1.5, Float(angle * angle) / 9, 1]
        }
        let index = try Self.index(rows, dimension: 3)
        let queries = (0..<50).flatMap { vector(rows, $0 * 80, dimension: 3) }
        let recall = try measureRecall(of: index, against: index.exact, queries: queries, k: 10)
        #expect(recall >= 0.95, "recall is \(recall)")
    }

    @Test func negativeProductsAreOrderedToo() throws {
        let vectors = clusteredVectors(count: 2000, dimension: 8, clusters: 1, seed: 53)
        let index = try Self.index(vectors, dimension: 8)
        let query = vector(vectors, 0, dimension: 8).map { -$0 }
        let truth = try index.exact.search(query, k: 10)
        let found = try index.search(query, k: 10, effort: 400)
        #expect(found == truth)
    }
}
