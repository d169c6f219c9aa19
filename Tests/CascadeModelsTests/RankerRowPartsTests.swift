import Testing

@testable import CascadeModels

@Suite struct RankerRowPartsTests {
    /// Every row is in one part, and a part begins where a chunk does.
    @Test func partsAreOfWholeChunks() {
        for rows in [0, 1, 127, 128, 129, 505, 1000, 4096] {
            for threads in 1...5 {
                let parts = RankerEnsemble.parts(ofRows: rows, threads: threads)
                #expect(parts.flatMap(Array.init) == Array(0..<rows), "\(rows) rows, \(threads) threads")
                #expect(parts.count <= threads && parts.allSatisfy { $0.lowerBound % RankerInference.chunk == 0 })
                #expect(rows == 0 || parts.allSatisfy { !$0.isEmpty })
            }
        }
        #expect(RankerEnsemble.parts(ofRows: 505, threads: 2) == [0..<256, 256..<505])
    }
}
