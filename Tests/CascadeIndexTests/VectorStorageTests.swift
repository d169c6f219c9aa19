import CascadeIndex
import Foundation
import Testing

/// What each form of the rows finds beside the exact index, and what its files hold.
@Suite struct VectorStorageTests {
    static let dimension = 64
    static let count = 20_000
    static let isNormalised = [true, false]

    /// An index of each storage over one graph.
    static func indexes(normalised: Bool) throws -> [VectorStorage: HNSWIndex] {
        let vectors = clusteredVectors(
            count: count, dimension: dimension, clusters: 100, seed: 61, normalised: normalised)
        let graph = try HNSWBuilder(threads: 2).build(vectors: vectors, dimension: dimension)
        return try withTemporaryFolder { folder in
            var made: [VectorStorage: HNSWIndex] = [:]
            for storage in VectorStorage.allCases {
                let path = "\(folder)/\(storage)"
                try graph.write(to: path, storage: storage)
                made[storage] = try HNSWIndex(path: path)
            }
            return made
        }
    }

    static let made = Result { try [true: indexes(normalised: true), false: indexes(normalised: false)] }

    static func queries(normalised: Bool) -> [Float] {
        clusteredVectors(
            count: 200, dimension: dimension, clusters: 100, seed: 61, sample: 1, normalised: normalised)
    }

    @Test(arguments: VectorStorage.allCases, isNormalised)
    func eachFindsWhatTheVectorsFind(_ storage: VectorStorage, _ normalised: Bool) throws {
        let indexes = try #require(try Self.made.get()[normalised])
        let index = try #require(indexes[storage])
        let plain = try #require(indexes[.float32])
        let queries = Self.queries(normalised: normalised)
        for k in [1, 10, 100] {
            let truth = try GroundTruth(exact: index.exact, queries: queries, k: k)
            let recall = try truth.recall(of: index)
            #expect(recall >= 0.97, "recall@\(k) of \(storage) is \(recall)")
            let expected = try truth.recall(of: plain, effort: k + 20)
            let found = try truth.recall(of: index, effort: k + 20)
            #expect(found >= expected - 0.02, "recall@\(k) of \(storage) is \(found) beside \(expected)")
        }
    }

    @Test(arguments: VectorStorage.allCases)
    func scoresAreThoseOfTheVectors(_ storage: VectorStorage) throws {
        let index = try #require(try Self.made.get()[false]?[storage])
        let queries = Self.queries(normalised: false)
        let even = RowSet(universe: Self.count, rows: stride(from: 0, to: Int32(Self.count), by: 2))
        for number in 0..<20 {
            let query = vector(queries, number, dimension: Self.dimension)
            for filter in [nil, IndexFilter.blocking(even)] {
                let truth = try index.exact.search(query, k: Self.count, filter: filter)
                let bits = Dictionary(uniqueKeysWithValues: truth.map { ($0.row, $0.score.bitPattern) })
                let found = try index.search(query, k: 30, filter: filter)
                #expect(found.count == 30)
                #expect(found.allSatisfy { bits[$0.row] == $0.score.bitPattern })
                #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
            }
        }
    }

    @Test(arguments: VectorStorage.allCases)
    func parametersRoundTripThroughTheFile(_ storage: VectorStorage) throws {
        let vectors = clusteredVectors(count: 300, dimension: 12, clusters: 4, seed: 62)
        try withTemporaryFolder { folder in
            let parameters = try HNSWParameters(m: 8, efConstruction: 40, efSearch: 20, storage: storage)
            let built = try HNSWBuilder(parameters: parameters, threads: 1)
                .build(vectors: vectors, dimension: 12, path: folder + "/index")
            #expect(built.parameters == parameters)
            for row in 0..<300 { #expect(try built.vector(at: row) == vector(vectors, row, dimension: 12)) }
            let flat = try FlatIndex(path: folder + "/index")
            try flat.write(to: folder + "/flat")
            #expect(try FlatIndex(path: folder + "/flat").count == 300)
        }
    }

    /// Large enough that what is walked is copied out of the file.
    @Test(arguments: VectorStorage.allCases)
    func largeIndexesFindTheSame(_ storage: VectorStorage) throws {
        let dimension = 640
        let vectors = clusteredVectors(count: 8000, dimension: dimension, clusters: 40, seed: 63)
        try withTemporaryFolder { folder in
            let parameters = try HNSWParameters(m: 8, efConstruction: 40, efSearch: 200, storage: storage)
            let index = try HNSWBuilder(parameters: parameters, threads: 2)
                .build(vectors: vectors, dimension: dimension, path: folder + "/index")
            let queries = Array(vectors.prefix(50 * dimension))
            let recall = try measureRecall(of: index, against: index.exact, queries: queries, k: 20)
            #expect(recall >= 0.95, "recall@20 is \(recall)")
            for row in [0, 4000, 7999] {
                #expect(try index.vector(at: row) == vector(vectors, row, dimension: dimension))
            }
        }
    }

    @Test(arguments: [VectorStorage.bfloat16, .int8])
    func constantComponentsAndZeroQueriesAreSearched(_ storage: VectorStorage) throws {
        var random = TestRandom(seed: 64)
        var vectors: [Float] = []
        for _ in 0..<500 { vectors += [random.normal(), 2, 0, random.normal()] }
        try withTemporaryFolder { folder in
            let parameters = try HNSWParameters(storage: storage)
            let index = try HNSWBuilder(parameters: parameters, threads: 1)
                .build(vectors: vectors, dimension: 4, path: folder + "/index")
            #expect(try index.search([0, 0, 0, 0], k: 10, effort: 20).map(\.score) == Array(repeating: 0, count: 10))
            #expect(try index.search([0, 3, 1, 0], k: 10, effort: 20).map(\.score) == Array(repeating: 6, count: 10))
            let found = try index.search([1, 0, 0, 0], k: 5, effort: 50)
            #expect(try found == index.exact.search([1, 0, 0, 0], k: 5))
        }
    }

    @Test func namesOfStoragesAreRead() throws {
        for storage in VectorStorage.allCases {
            let json = Data(#"{"storage": "\#(storage.rawValue)"}"#.utf8)
            #expect(try JSONDecoder().decode(HNSWParameters.self, from: json).storage == storage)
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(HNSWParameters.self, from: Data(#"{"storage": "int4"}"#.utf8))
        }
        #expect(try HNSWParameters().storage == .float32)
    }
}
