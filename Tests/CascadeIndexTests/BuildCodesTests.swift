import CFaiss
import CascadeIndex
import Testing

/// Builds walk over codes where these order the rows as the vectors do.
@Suite struct BuildCodesTests {
    static let dimension = 32
    static let count = 8000
    static let plain = clusteredVectors(
        count: count, dimension: dimension, clusters: 40, seed: 55, normalised: false)

    enum World: CaseIterable {
        case clusters, unequalLengths, equalRows, fewRows, farOffRows, unequalColumns, tightClusters, commonPart

        var expected: Int {
            switch self {
            case .clusters, .unequalLengths, .equalRows, .fewRows: CFAISS_INT8
            // A few rows take nearly all steps of int8, or a few columns nearly all of a query's weights.
            case .farOffRows, .unequalColumns: CFAISS_BFLOAT16
            // Neither form has the digits in which near rows differ.
            case .tightClusters, .commonPart: CFAISS_FLOAT32
            }
        }

        var vectors: [Float] {
            switch self {
            case .clusters: rows { $0 }
            case .unequalLengths: plain
            case .equalRows: [Float](repeating: 0.25, count: 500 * dimension)
            case .fewRows: Array(plain.prefix(3 * dimension))
            case .farOffRows: rows { $0 }.enumerated().map { $0.offset % (7 * dimension + 1) == 0 ? -50 : $0.element }
            case .unequalColumns: rows { row in row.indices.map { row[$0] * ($0 == 0 ? 32 : 1) } }
            // So many that a sample of the rows has few of each.
            case .tightClusters:
                clusteredVectors(count: 40_000, dimension: dimension, clusters: 200, seed: 56, spread: 0.01)
            case .commonPart: rows { row in row.map { $0 + 100 } }
            }
        }

        private func rows(_ change: ([Float]) -> [Float]) -> [Float] {
            (0..<count).flatMap { row in
                let changed = change(vector(plain, row, dimension: dimension))
                let length = Float(product(changed, changed).squareRoot())
                return changed.map { $0 / length }
            }
        }
    }

    @Test(arguments: World.allCases)
    func theSmallestFormThatKeepsTheOrder(_ world: World) throws {
        let vectors = world.vectors
        var storage: Int32 = -1
        #expect(
            cfaiss_build_storage(
                vectors, Int64(vectors.count / Self.dimension), Int32(Self.dimension), 100, &storage) == 0)
        #expect(Int(storage) == world.expected)
    }

    @Test func noRowsHaveNoCodes() {
        var storage: Int32 = -1
        #expect(cfaiss_build_storage([], 0, 8, 100, &storage) == 0)
        #expect(Int(storage) == CFAISS_FLOAT32)
    }

    /// In each form what is linked is found.
    @Test(arguments: [World.clusters, .unequalColumns, .tightClusters, .commonPart])
    func graphsAreAsGood(_ world: World) throws {
        // What a row has beside the common part, which would drown it.
        let source = world == .commonPart ? Self.plain : world.vectors
        let recall = try recall(of: world.vectors, queries: source, dimension: Self.dimension)
        #expect(recall >= 0.97, "recall is \(recall)")
    }

    /// Rows of 40 floats are padded to 48, their codes of bfloat16 to 64.
    @Test func rowsMayBeShorterThanTheirCodes() throws {
        var vectors = clusteredVectors(count: 8000, dimension: 40, clusters: 40, seed: 57)
        for row in 0..<8000 { vectors[row * 40] *= 24 }
        var storage: Int32 = -1
        #expect(cfaiss_build_storage(vectors, 8000, 40, 100, &storage) == 0)
        #expect(Int(storage) == CFAISS_BFLOAT16)
        let recall = try recall(of: vectors, queries: vectors, dimension: 40)
        #expect(recall >= 0.97, "recall is \(recall)")
    }

    private func recall(of vectors: [Float], queries: [Float], dimension: Int) throws -> Double {
        let index = try withTemporaryFolder { folder in
            try HNSWBuilder(threads: 2).build(vectors: vectors, dimension: dimension, path: folder + "/index")
        }
        let queries = (0..<100).flatMap { vector(queries, 7 * $0 + 3, dimension: dimension) }
        return try measureRecall(of: index, against: index.exact, queries: queries, k: 10)
    }
}
