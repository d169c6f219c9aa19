import Foundation
import Testing

@testable import CascadeIndex

/// One index a cluster: the same answers as an exact search of the cluster's rows, whatever the filter.
@Suite struct ClusteredIndexTests {
    static let dimension = 16
    static let count = 1200
    static let clusters = 7
    static let vectors = clusteredVectors(count: count, dimension: dimension, clusters: clusters, seed: 3)
    /// Two large clusters, two small ones, one of one row, two empty ones.
    static let assignments: [Int32] = (0..<count).map { row in
        if row == 17 { return 5 }
        return row % 40 == 3 ? 3 : row % 40 == 9 ? 1 : row % 3 == 0 ? 4 : 0
    }

    static func make(
        exactBelow: Int = 100, storage: VectorStorage = .float32, folder: String
    ) throws -> ClusteredIndex {
        let building = ClusteredIndex.Building(
            parameters: try HNSWParameters(efSearch: 400, storage: storage), exactBelow: exactBelow, threads: 2)
        return try building.build(
            vectors: vectors, dimension: dimension, assignments: assignments, clusters: clusters,
            path: folder + "/" + ClusteredIndex.fileName)
    }

    /// The best rows of a cluster by looking at each.
    static func truth(_ query: ArraySlice<Float>, cluster: Int32, k: Int, filter: IndexFilter?) -> [Int32] {
        let rows = (0..<Int32(count)).filter { assignments[Int($0)] == cluster && (filter?.admits($0) ?? true) }
        let scored = rows.map { ($0, product(Array(query), vector(vectors, Int($0), dimension: dimension))) }
        return scored.sorted { ($0.1, $1.0) > ($1.1, $0.0) }.prefix(k).map(\.0)
    }

    static func query(_ seed: UInt64) -> ArraySlice<Float> {
        clusteredVectors(count: 1, dimension: dimension, clusters: clusters, seed: 3, sample: 100 + seed)[...]
    }

    @Test func sizesAndKindsAreThoseOfTheClusters() throws {
        try withTemporaryFolder { folder in
            let index = try Self.make(folder: folder)
            #expect(index.count == Self.count)
            #expect(index.clusterCount == 7)
            #expect(index.dimension == Self.dimension)
            let sizes = (0..<7).map { cluster in Self.assignments.count { $0 == cluster } }
            #expect((0..<7).map { index.size(of: Int32($0)) } == sizes)
            #expect(sizes[2] == 0 && sizes[5] == 1 && sizes[6] == 0)
            #expect((0..<7).map { index.hasGraph(Int32($0)) } == sizes.map { $0 >= 100 })
            for row in stride(from: 0, to: Self.count, by: 7) {
                #expect(try index.vector(at: row) == vector(Self.vectors, row, dimension: Self.dimension))
                #expect(index.cluster(of: Int32(row)) == Self.assignments[row])
            }
            #expect(throws: IndexError.rowOutOfRange(row: 1200, count: 1200)) { try index.vector(at: 1200) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [ClusteredIndex.fileName])
        }
    }

    @Test func recallIsMeasuredWhereThereAreGraphs() throws {
        try withTemporaryFolder { folder in
            let building = ClusteredIndex.Building(
                parameters: try HNSWParameters(m: 2, efConstruction: 4, efSearch: 1), exactBelow: 100, threads: 1)
            let poor = try building.build(
                vectors: Self.vectors, dimension: Self.dimension, assignments: Self.assignments,
                clusters: Self.clusters,
                path: folder + "/poor")
            let samples = try poor.samples(each: 20)
            #expect(Set(samples.map(\.cluster)) == [0, 4])
            #expect((40...44).contains(samples.count))
            #expect(try samples.allSatisfy { try poor.vector(at: 0).count == $0.vector.count })
            let found = try poor.recall(of: samples, k: 10)
            #expect(found > 0 && found < 0.9, "\(found)")
            #expect(try poor.recall(of: samples, k: 10, effort: 1200) == 1)
            let exact = (0..<4).map { (cluster: Int32(1), vector: Array(Self.query($0))) }
            #expect(try poor.recall(of: exact, k: 10) == 1)
            #expect(try poor.recall(of: [], k: 10) == 1)
        }
    }

    @Test("a search of a cluster is an exact search of its rows", arguments: 0..<24 as Range<UInt64>)
    func agreesWithExactSearch(seed: UInt64) throws {
        var random = TestRandom(seed: seed)
        let some = (0..<Int(random.next() % 900)).map { _ in Int32(random.next() % UInt64(Self.count)) }
        let set = RowSet(universe: Self.count, rows: some)
        let filter: IndexFilter? = [nil, .allowing(set), .blocking(set)][Int(seed % 3)]
        let storage = VectorStorage.allCases[Int(seed / 3) % 3]
        try withTemporaryFolder { folder in
            let index = try Self.make(exactBelow: seed.isMultiple(of: 2) ? 100 : 0, storage: storage, folder: folder)
            let asked: [Int32] = [4, 5, 1, 0, 2, 3]
            for scope in try index.scopes(asked, filter: filter) {
                let query = Self.query(seed)
                let all = Self.truth(query, cluster: scope.cluster, k: Self.count, filter: filter)
                #expect(scope.count == all.count, "seed \(seed), cluster \(scope.cluster)")
                for k in [0, 1, 10, Self.count] {
                    // So thorough a search of so small a graph finds all there is.
                    let found = try index.search(scope, query: query, k: k, effort: Self.count)
                    #expect(found.map(\.row) == Array(all.prefix(k)), "seed \(seed), cluster \(scope.cluster), k \(k)")
                    #expect(try index.exactSearch(scope, query: query, k: k) == found)
                }
                #expect(try index.search(scope, query: query, k: 5).allSatisfy { filter?.admits($0.row) ?? true })
            }
        }
    }

    @Test func filtersAreNarrowedTheSameWayByMembersAndByRows() throws {
        let rows = try ClusterRows(assignments: Self.assignments, count: Self.clusters)
        let few = RowSet(universe: Self.count, rows: [0, 3, 9, 17, 43, 49, 1199])
        var many = RowSet(universe: Self.count, rows: 0..<1150)
        many.subtract(few)
        for set in [few, many] {
            for asked in [[Int32(5)], [3, 1], [0, 1, 2, 3, 4, 5, 6]] {
                let expected = asked.map { cluster in
                    RowSet(
                        universe: rows.size(of: cluster),
                        rows: rows.rows(of: cluster).enumerated().filter { set.contains($0.element) }
                            .map { Int32($0.offset) })
                }
                #expect(rows.places(of: set, in: asked) == expected)
            }
        }
    }

    @Test func unusableArgumentsAreRefused() throws {
        try withTemporaryFolder { folder in
            let index = try Self.make(folder: folder)
            #expect(throws: IndexError.filterMismatch(expected: 1200, got: 9)) {
                try index.scopes([0], filter: .blocking(RowSet(universe: 9)))
            }
            for cluster in [-1, 7] as [Int32] {
                #expect(throws: IndexError.self) { try index.scopes([cluster], filter: nil) }
            }
            let scope = try #require(try index.scopes([0], filter: nil).first)
            #expect(throws: IndexError.dimensionMismatch(expected: 16, got: 3)) {
                try index.search(scope, query: [1, 2, 3], k: 1)
            }
            #expect(throws: IndexError.self) { try index.search(scope, query: Self.query(1), k: -1) }
            let nan = ArraySlice([Float](repeating: .nan, count: 16))
            #expect(throws: IndexError.self) { try index.search(scope, query: nan, k: 1) }
            let building = ClusteredIndex.Building(exactBelow: 1)
            for (assignments, clusters) in [([0, 5], 2), ([-1, 0], 2), ([0, 0, 0], 2), ([0, 0], 0)] as [([Int32], Int)]
            {
                #expect(throws: IndexError.self) {
                    try building.build(
                        vectors: [1, 0, 0, 1], dimension: 2, assignments: assignments, clusters: clusters,
                        path: folder + "/bad")
                }
            }
            #expect(throws: IndexError.self) {
                try building.build(
                    vectors: [1, .nan, 0, 1], dimension: 2, assignments: [0, 1], clusters: 2, path: folder + "/bad")
            }
            #expect(throws: IndexError.self) {
                try building.build(
                    vectors: [1, 1], dimension: 1, assignments: [0, 1], clusters: 2, path: folder + "/none/bad")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [ClusteredIndex.fileName])
        }
    }

    @Test func noRowsAreNoError() throws {
        try withTemporaryFolder { folder in
            let index = try ClusteredIndex.Building(exactBelow: 0).build(
                vectors: [], dimension: 4, assignments: [], clusters: 3, path: folder + "/none")
            #expect(index.count == 0 && index.clusterCount == 3)
            let scopes = try index.scopes([0, 2], filter: .allowing(RowSet(universe: 0)))
            #expect(scopes.map(\.count) == [0, 0])
            #expect(try index.search(scopes[0], query: [1, 0, 0, 0], k: 5).isEmpty)
        }
    }

    @Test func filesThatAreNotWholeAreRefusedByName() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/" + ClusteredIndex.fileName
            _ = try Self.make(folder: folder)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            func refused(_ content: Data?, _ assignments: [Int32] = Self.assignments, _ clusters: Int = 7) throws
                -> Bool
            {
                // Another file each time: a mapped one must not be cut.
                try? FileManager.default.removeItem(atPath: path)
                if let content { try content.write(to: URL(fileURLWithPath: path)) }
                do {
                    _ = try ClusteredIndex(path: path, assignments: assignments, clusters: clusters)
                    return false
                } catch {
                    switch error {
                    case .unusableFile(let text), .ioFailed(let text): return text.contains(path)
                    default: return false
                    }
                }
            }
            #expect(try !refused(bytes))
            #expect(try refused(nil))
            #expect(try refused(Data()))
            for size in [7, 31, 40, 100, 255, 5000, bytes.count / 2, bytes.count - 64 * 200] {
                #expect(try refused(bytes.prefix(size)), "\(size) bytes")
            }
            for offset in [0, 9, 17, 25, 33, 41, 60, 200] {
                var altered = bytes
                altered[offset] ^= 0x55
                #expect(try refused(altered), "byte \(offset)")
            }
            // The header of each part is its own index file's.
            let start = Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 32, as: UInt64.self) })
            for offset in [start, start + 30, start + 250] {
                var altered = bytes
                altered[offset] ^= 0x55
                #expect(try refused(altered), "byte \(offset)")
            }
            #expect(try refused(bytes, Array(Self.assignments.dropLast())))
            #expect(try refused(bytes, Self.assignments, 8))
            var moved = Self.assignments
            moved[17] = 6
            #expect(try refused(bytes, moved))
        }
    }
}
