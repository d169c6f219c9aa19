import CFaiss
import Testing

/// Every kernel over codes that this processor runs, beside the scalar one and beside the vectors.
@Suite struct CodeKernelTests {
    static let storages = [Int32(CFAISS_BFLOAT16), Int32(CFAISS_INT8)]

    static func scores(
        kernel: Int32, storage: Int32, query: [Float], vectors: [Float], dimension: Int
    ) -> [Float] {
        let count = vectors.count / dimension
        var scores = [Float](repeating: .nan, count: count)
        let status = cfaiss_code_scores(
            kernel, storage, query, vectors, Int64(count), Int32(dimension), &scores)
        return status == Int32(CFAISS_OK) ? scores : []
    }

    @Test func theScalarKernelIsTheFirst() {
        #expect(cfaiss_code_kernel_count() >= 1)
        #expect(String(cString: cfaiss_code_kernel_name(0)) == "scalar")
    }

    @Test(arguments: storages)
    func kernelsAgreeWithTheirTwin(_ storage: Int32) {
        for dimension in [1, 15, 31, 32, 33, 63, 64, 65, 100, 128, 200] {
            for count in 1...9 {
                let seed = UInt64(dimension * 100 + count)
                var random = TestRandom(seed: seed)
                let vectors = (0..<count * dimension).map { _ in random.normal() }
                let query = (0..<dimension).map { _ in random.normal() }
                let twin = Self.scores(
                    kernel: 0, storage: storage, query: query, vectors: vectors, dimension: dimension)
                #expect(twin.count == count)
                for kernel in 1..<max(1, cfaiss_code_kernel_count()) {
                    let found = Self.scores(
                        kernel: kernel, storage: storage, query: query, vectors: vectors, dimension: dimension)
                    if storage == Int32(CFAISS_INT8) {
                        #expect(found == twin, "kernel \(kernel), dimension \(dimension), seed \(seed)")
                    } else {
                        let isClose =
                            found.count == count
                            && zip(found, twin).allSatisfy { abs($0 - $1) < 1e-5 * Float(dimension) }
                        #expect(isClose, "kernel \(kernel), dimension \(dimension), seed \(seed)")
                    }
                }
            }
        }
    }

    @Test func fusedKernelsGiveTheSameBits() {
        var random = TestRandom(seed: 91)
        let vectors = (0..<50 * 70).map { _ in random.normal() }
        let query = (0..<70).map { _ in random.normal() }
        let all = (1..<max(1, cfaiss_code_kernel_count())).map {
            Self.scores(
                kernel: $0, storage: Int32(CFAISS_BFLOAT16), query: query, vectors: vectors, dimension: 70)
        }
        for (a, b) in zip(all, all.dropFirst()) { #expect(a == b) }
    }

    @Test func bfloat16ScoresAreThoseOfTheVectorsButForTheRounding() {
        var random = TestRandom(seed: 92)
        let vectors = (0..<40 * 48).map { _ in random.normal() }
        let query = (0..<48).map { _ in random.normal() }
        let found = Self.scores(
            kernel: cfaiss_code_kernel_count() - 1, storage: Int32(CFAISS_BFLOAT16), query: query, vectors: vectors,
            dimension: 48)
        for row in 0..<40 {
            let vector = vector(vectors, row, dimension: 48)
            // Each component is off by at most one part in 256.
            let bound = zip(query, vector).reduce(0) { $0 + Double(abs($1.0 * $1.1)) } / 256 + 1e-5
            #expect(abs(Double(found[row]) - product(query, vector)) <= bound)
        }
    }

    /// One factor and one constant take the scores to the products, but for the rounding.
    @Test func int8ScoresKeepTheDistancesOfTheProducts() {
        var random = TestRandom(seed: 93)
        let dimension = 64
        let vectors = (0..<200 * dimension).map { _ in random.normal() + 3 }
        let query = (0..<dimension).map { _ in random.normal() }
        let found = Self.scores(
            kernel: cfaiss_code_kernel_count() - 1, storage: Int32(CFAISS_INT8), query: query, vectors: vectors,
            dimension: dimension
        ).map(Double.init)
        let exact = (0..<200).map { product(query, vector(vectors, $0, dimension: dimension)) }
        let means = (found.reduce(0, +) / 200, exact.reduce(0, +) / 200)
        let together = zip(found, exact).reduce(0) { $0 + ($1.0 - means.0) * ($1.1 - means.1) }
        let alone = (
            found.reduce(0) { $0 + ($1 - means.0) * ($1 - means.0) },
            exact.reduce(0) { $0 + ($1 - means.1) * ($1 - means.1) }
        )
        let correlation = together / (alone.0 * alone.1).squareRoot()
        #expect(correlation > 0.9995, "correlation \(correlation)")
    }

    @Test(arguments: storages)
    func extremesDoNotOverflow(_ storage: Int32) {
        let dimension = 4096
        let vectors = [Float](repeating: -1, count: dimension) + [Float](repeating: 1, count: dimension)
        let query = [Float](repeating: 1, count: dimension)
        for kernel in 0..<cfaiss_code_kernel_count() {
            let found = Self.scores(
                kernel: kernel, storage: storage, query: query, vectors: vectors, dimension: dimension)
            let expected: [Float] =
                storage == Int32(CFAISS_INT8) ? [0, 255 * 127 * 4096] : [-4096, 4096]
            #expect(found == expected, "kernel \(kernel)")
        }
    }

    @Test func whatHasNoCodesOrKernelIsRefused() {
        var score: Float = 0
        let none = cfaiss_code_scores(0, Int32(CFAISS_FLOAT32), [1], [1], 1, 1, &score)
        #expect(none == Int32(CFAISS_INVALID_ARGUMENT))
        let kernels = cfaiss_code_kernel_count()
        #expect(
            cfaiss_code_scores(kernels, Int32(CFAISS_INT8), [1], [1], 1, 1, &score) == Int32(CFAISS_INVALID_ARGUMENT))
        #expect(cfaiss_code_scores(-1, Int32(CFAISS_INT8), [1], [1], 1, 1, &score) == Int32(CFAISS_INVALID_ARGUMENT))
    }
}
