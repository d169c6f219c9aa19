import CFaiss
import Testing

/// Every kernel that this processor runs beside the scalar one.
@Suite struct DistanceKernelTests {
    static func scores(
        kernel: Int32, query: [Float], rows: [Float], stride: Int, picked: [Int32]
    ) -> [Float] {
        var scores = [Float](repeating: .nan, count: picked.count)
        cfaiss_kernel_scores(kernel, query, rows, Int64(stride), picked, Int64(picked.count), &scores)
        return scores
    }

    @Test func theScalarKernelIsTheFirst() {
        #expect(cfaiss_kernel_count() >= 1)
        #expect(String(cString: cfaiss_kernel_name(0)) == "scalar")
    }

    @Test func kernelsAgreeWithTheirTwin() {
        for stride in [16, 32, 48, 64, 128, 256] {
            for count in 0...11 {
                let seed = UInt64(stride * 100 + count)
                var random = TestRandom(seed: seed)
                let rows = (0..<20 * stride).map { _ in random.normal() }
                let query = (0..<stride).map { _ in random.normal() }
                let picked = (0..<count).map { _ in Int32(random.next() % 20) }
                let exact = picked.map { product(query, vector(rows, Int($0), dimension: stride)) }
                for kernel in 0..<cfaiss_kernel_count() {
                    let found = Self.scores(kernel: kernel, query: query, rows: rows, stride: stride, picked: picked)
                    let isClose = zip(found, exact).allSatisfy { abs(Double($0) - $1) < 1e-5 * Double(stride) }
                    #expect(isClose, "kernel \(kernel), stride \(stride), seed \(seed)")
                }
            }
        }
    }

    @Test func fusedKernelsGiveTheSameBits() {
        var random = TestRandom(seed: 81)
        let rows = (0..<50 * 64).map { _ in random.normal() }
        let query = (0..<64).map { _ in random.normal() }
        let picked = (0..<50).map { Int32($0) }
        let fused = (1..<max(2, cfaiss_kernel_count())).filter { $0 < cfaiss_kernel_count() }
        let all = fused.map { Self.scores(kernel: $0, query: query, rows: rows, stride: 64, picked: picked) }
        for (a, b) in zip(all, all.dropFirst()) { #expect(a == b) }
        for kernel in 0..<cfaiss_kernel_count() {
            let together = Self.scores(kernel: kernel, query: query, rows: rows, stride: 64, picked: picked)
            let alone = picked.flatMap {
                Self.scores(kernel: kernel, query: query, rows: rows, stride: 64, picked: [$0])
            }
            #expect(together == alone)
        }
    }
}
