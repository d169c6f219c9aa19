import CascadeIndex
import Foundation
import Testing

/// What every index promises, over every member and several shapes.
@Suite struct VectorIndexContractTests {
    static let dimension = 24
    static let count = 1500
    static let vectors = clusteredVectors(count: count, dimension: dimension, clusters: 20, seed: 11)
    static let queries = clusteredVectors(count: 20, dimension: dimension, clusters: 20, seed: 11, sample: 1)

    static func query(_ index: Int) -> [Float] { vector(queries, index, dimension: dimension) }

    @Test(arguments: Member.allCases)
    func answersAreOrderedDistinctAndTrulyScored(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        #expect(index.count == Self.count)
        #expect(index.dimension == Self.dimension)
        for number in 0..<20 {
            let found = try index.search(Self.query(number), k: 50)
            #expect(found.count == 50)
            #expect(Set(found.map(\.row)).count == 50)
            for (a, b) in zip(found, found.dropFirst()) {
                #expect(a.score > b.score || (a.score == b.score && a.row < b.row))
            }
            for neighbor in found {
                let row = vector(Self.vectors, Int(neighbor.row), dimension: Self.dimension)
                #expect(abs(Double(neighbor.score) - product(row, Self.query(number))) < 1e-5)
            }
        }
    }

    @Test(arguments: Member.allCases)
    func findsWhatTheNaiveScanFinds(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        var hits = 0
        for number in 0..<20 {
            let query = Self.query(number)
            let scores = (0..<Self.count).map { row in
                product(vector(Self.vectors, row, dimension: Self.dimension), query)
            }
            let best = Set(scores.indices.sorted { scores[$0] > scores[$1] }.prefix(10).map { Int32($0) })
            hits += try index.search(query, k: 10).filter { best.contains($0.row) }.count
        }
        #expect(hits >= (member.isExact ? 200 : 196))
    }

    @Test(arguments: Member.allCases)
    func moreThanThereAreGivesAll(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        let found = try index.search(Self.query(0), k: Self.count * 3)
        #expect(found.map(\.row).sorted() == (0..<Int32(Self.count)).map { $0 })
        let huge = try index.search(Self.query(0), k: Int.max)
        #expect(huge == found)
    }

    @Test(arguments: Member.allCases)
    func noneAskedForGivesNone(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        #expect(try index.search(Self.query(0), k: 0).isEmpty)
        #expect(throws: IndexError.invalidParameter(name: "k", value: "-1", allowed: "at least 0")) {
            try index.search(Self.query(0), k: -1)
        }
    }

    @Test(arguments: Member.allCases)
    func wrongWidthIsAnError(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        #expect(throws: IndexError.dimensionMismatch(expected: 24, got: 23)) {
            try index.search([Float](repeating: 0, count: 23), k: 1)
        }
        #expect(throws: IndexError.dimensionMismatch(expected: 24, got: 0)) { try index.search([], k: 1) }
        #expect(throws: IndexError.raggedVectors(floats: 25, dimension: 24)) {
            try index.searchBatch(queries: [Float](repeating: 0, count: 25), k: 1, effort: nil)
        }
    }

    @Test(arguments: Member.allCases, [Float.nan, .infinity, -.infinity, 1e38])
    func unusableQueriesAreErrors(_ member: Member, _ value: Float) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        var query = Self.query(0)
        for position in query.indices where position % 7 == 3 { query[position] = value }
        #expect {
            try index.search(query, k: 5)
        } throws: { error in
            if case IndexError.unusableVector = error { true } else { false }
        }
    }

    @Test(arguments: Member.allCases)
    func effortIsChecked(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        for effort in [0, -5] {
            #expect(throws: IndexError.invalidParameter(name: "effort", value: "\(effort)", allowed: "at least 1")) {
                try index.search(Self.query(0), k: 5, effort: effort)
            }
        }
        #expect(try index.search(Self.query(0), k: 5, effort: 1).count == 5)
        #expect(try index.search(Self.query(0), k: 5, effort: Int.max).count == 5)
    }

    @Test(arguments: Member.allCases)
    func emptyIndexAnswersWithNothing(_ member: Member) throws {
        let index = try member.make([], dimension: 8)
        #expect(index.count == 0)
        #expect(index.dimension == 8)
        let query = [Float](repeating: 1, count: 8)
        #expect(try index.search(query, k: 5).isEmpty)
        #expect(try index.search(query, k: 5, filter: .blocking(RowSet(universe: 0))).isEmpty)
        #expect(try index.searchBatch(queries: query + query, k: 5, effort: nil) == [[], []])
        #expect(throws: IndexError.dimensionMismatch(expected: 8, got: 1)) { try index.search([1], k: 5) }
    }

    @Test(arguments: Member.allCases, [1, 2, 3, 5, 17, 33])
    func smallIndexesAreComplete(_ member: Member, _ count: Int) throws {
        for dimension in [1, 2, 15, 16, 17, 100] {
            let seed = UInt64(count * 1000 + dimension)
            let vectors = clusteredVectors(
                count: count, dimension: dimension, clusters: 2, seed: seed, normalised: false)
            let index = try member.make(vectors, dimension: dimension)
            let query = vector(vectors, 0, dimension: dimension)
            let found = try index.search(query, k: count)
            let truth = try FlatIndex(vectors: vectors, dimension: dimension).search(query, k: count)
            #expect(found == truth, "seed \(seed)")
        }
    }

    @Test(arguments: Member.allCases)
    func batchesGiveWhatSingleSearchesGive(_ member: Member) throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        for count in [0, 1, 3, 4, 5, 19] {
            let queries = Array(Self.queries.prefix(count * Self.dimension))
            let answers = try index.searchBatch(queries: queries, k: 7, effort: 40)
            #expect(answers == (try (0..<count).map { try index.search(Self.query($0), k: 7, effort: 40) }))
        }
        #expect(try index.searchBatch(queries: Self.queries, k: 0, effort: nil).allSatisfy(\.isEmpty))
    }

    @Test(arguments: Member.allCases)
    func manyThreadsGetTheSameAnswers(_ member: Member) async throws {
        let index = try member.make(Self.vectors, dimension: Self.dimension)
        let expected = try (0..<20).map { try index.search(Self.query($0), k: 30, effort: 60) }
        let allSame = try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<16 {
                group.addTask {
                    try (0..<200).allSatisfy { step in
                        let number = (task * 7 + step) % 20
                        return try index.search(Self.query(number), k: 30, effort: 60) == expected[number]
                    }
                }
            }
            return try await group.reduce(true) { $0 && $1 }
        }
        #expect(allSame)
    }

    @Test(arguments: Member.allCases)
    func unusableVectorsAreRefusedWithTheirRow(_ member: Member) throws {
        var vectors = Self.vectors
        vectors[17 * Self.dimension + 3] = .nan
        #expect(throws: IndexError.unusableVector("vector 17 holds a value that is not finite")) {
            try member.make(vectors, dimension: Self.dimension)
        }
        #expect(throws: IndexError.raggedVectors(floats: 10, dimension: 3)) {
            try member.make([Float](repeating: 1, count: 10), dimension: 3)
        }
        #expect(throws: IndexError.invalidParameter(name: "dimension", value: "0", allowed: "from 1 to 65536")) {
            try member.make([], dimension: 0)
        }
    }
}
