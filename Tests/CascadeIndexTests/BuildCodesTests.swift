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
        case clusters, unequalLengths, equalRows, fewRows, farOffRows, unequalColumns, commonPart

        var expected: Int {
            switch self {
            case .clusters, .unequalLengths, .equalRows, .fewRows: CFAISS_INT8
            // A few rows take nearly all steps of int8, or a few columns nearly all of a query's weights.
            case .farOffRows, .unequalColumns: CFAISS_BFLOAT16
            // Leaves neither form the digits in which the rows differ.
            case .commonPart: CFAISS_FLOAT32
            }
        }

        var vectors: [Float] {
            switch self {
            case .clusters: rows { $0 }
            case .unequalLengths: plain
            case .equalRows: [Float](repeating: 0.25, count: 500 * dimension)
            case .fewRows: Array(plain.prefix(3 * dimension))
            case .farOffRows: rows { $0 }.enumerated().map { $0.offset % (7 * dimension + 1) == 0 ? -50 : $0.element }
            case .unequalColumns: rows { row in row.indices.map { row[$0] * ($0 == 0 ? 16 : 1) } }
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
            cfaiss_build_storage(vectors, Int64(vectors.count / Self.dimension), Int32(Self.dimension), &storage) == 0)
        #expect(Int(storage) == world.expected)
    }

    @Test func noRowsHaveNoCodes() {
        var storage: Int32 = -1
        #expect(cfaiss_build_storage([], 0, 8, &storage) == 0)
        #expect(Int(storage) == CFAISS_FLOAT32)
    }

    /// In each form what is linked is found.
    @Test(arguments: [World.clusters, .unequalColumns, .commonPart])
    func graphsAreAsGood(_ world: World) throws {
        let vectors = world.vectors
        let index = try withTemporaryFolder { folder in
            try HNSWBuilder(threads: 2).build(vectors: vectors, dimension: Self.dimension, path: folder + "/index")
        }
        // What a row has beside the common part, which would drown it.
        let source = world == .commonPart ? Self.plain : vectors
        let queries = (0..<100).flatMap { vector(source, 7 * $0 + 3, dimension: Self.dimension) }
        let recall = try measureRecall(of: index, against: index.exact, queries: queries, k: 10)
        #expect(recall >= 0.97, "recall is \(recall)")
    }
}
