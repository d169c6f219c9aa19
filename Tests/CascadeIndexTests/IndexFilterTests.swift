import CascadeIndex
import Testing

/// Filtered searches: only admitted rows, all of them where they are few, and the nearest of them.
@Suite struct IndexFilterTests {
    static let dimension = 16
    static let count = 6000
    static let vectors = clusteredVectors(count: count, dimension: dimension, clusters: 30, seed: 21)
    static let queries = clusteredVectors(count: 10, dimension: dimension, clusters: 30, seed: 21, sample: 1)

    static func randomRows(share: Float, seed: UInt64) -> RowSet {
        var random = TestRandom(seed: seed)
        return RowSet(universe: count, rows: (0..<Int32(count)).filter { _ in random.unit() < share })
    }

    @Test(arguments: Member.allCases, [0, 0.001, 0.05, 0.5, 0.95, 1] as [Float])
    func onlyTheNearestAdmittedRows(_ member: Member, _ share: Float) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        let exact = try FlatIndex(vectors: Self.vectors, dimension: Self.dimension)
        let rows = Self.randomRows(share: share, seed: 23)
        for filter in [IndexFilter.allowing(rows), .blocking(rows)] {
            var hits = 0
            var wanted = 0
            for number in 0..<10 {
                let query = vector(Self.queries, number, dimension: Self.dimension)
                let found = try index.search(query, k: 25, filter: filter, effort: 40)
                #expect(found.allSatisfy { filter.admits($0.row) })
                #expect(found.count == min(25, filter.admittedCount))
                let all = try exact.search(query, k: Self.count)
                let truth = all.filter { filter.admits($0.row) }.prefix(25)
                hits += Set(found.map(\.row)).intersection(truth.map(\.row)).count
                wanted += truth.count
            }
            #expect(Double(hits) >= (member.isExact ? 1 : 0.97) * Double(wanted))
        }
    }

    @Test(arguments: Member.allCases)
    func blockingTheBestGivesTheNext(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        let query = vector(Self.queries, 0, dimension: Self.dimension)
        let first = try index.search(query, k: 40, effort: 400)
        let blocked = RowSet(universe: Self.count, rows: first.prefix(20).map(\.row))
        let next = try index.search(query, k: 20, filter: .blocking(blocked), effort: 400)
        #expect(next == Array(first.dropFirst(20)))
    }

    @Test(arguments: Member.allCases)
    func filterOfAnotherIndexIsAnError(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        let query = vector(Self.queries, 0, dimension: Self.dimension)
        #expect(throws: IndexError.filterMismatch(expected: 6000, got: 5999)) {
            try index.search(query, k: 1, filter: .blocking(RowSet(universe: 5999)))
        }
    }

    @Test func searchAgreesWithFaissUnderAFilter() throws {
        let graph = try HNSWBuilder(threads: 1).build(vectors: Self.vectors, dimension: Self.dimension)
        let index = try withTemporaryFolder { folder in
            try graph.write(to: folder + "/index")
            return try HNSWIndex(path: folder + "/index")
        }
        let rows = Self.randomRows(share: 0.8, seed: 24)
        var ours = 0
        var theirs = 0
        for number in 0..<10 {
            let query = vector(Self.queries, number, dimension: Self.dimension)
            for filter in [IndexFilter.allowing(rows), .blocking(rows)] {
                let truth = Set(try index.exact.search(query, k: 20, filter: filter).map(\.row))
                let own = try index.search(query, k: 20, filter: filter, effort: 200)
                let faiss = try graph.searchWithFaiss(query, k: 20, filter: filter, effort: 200)
                #expect(faiss.allSatisfy { filter.admits($0.row) })
                ours += own.filter { truth.contains($0.row) }.count
                theirs += faiss.filter { truth.contains($0.row) }.count
            }
        }
        #expect(theirs > 300, "Faiss finds \(theirs) of 400")
        #expect(ours >= max(theirs, 392), "ours finds \(ours), Faiss \(theirs) of 400")
    }
}
