import CascadeFeatures
import CascadeNN
import Testing

@testable import CascadeModels

/// What the ranker computes of items once a release.
@Suite struct RankerItemPartTests {
    private func parts(_ fixture: ModelFixture, budget: Int) throws -> RankerItemParts {
        let (model, store) = try fixture.ranker()
        return try RankerItemParts(
            model: model, map: fixture.map, store: store,
            catalog: fixture.map.ranker.encode(fixture.rows, vectors: fixture.vectors).items, chunk: 7, budget: budget)
    }

    private func read(_ parts: RankerItemParts, _ items: [Int32], columns: Int) throws -> [Float] {
        var output = [Float](repeating: .nan, count: items.count * columns)
        try output.withUnsafeMutableBufferPointer { try parts.write(items[...], later: nil, to: $0) }
        return output
    }

    @Test func aTableGivesWhatRequestsCompute() throws {
        let fixture = try ModelFixture(hasVectors: true)
        let columns = try fixture.ranker().model.itemPartWidth
        let bytes = 30 * columns * 4
        let (kept, computed) = (try parts(fixture, budget: bytes), try parts(fixture, budget: bytes - 1))
        #expect(kept.bytes == bytes && computed.bytes == 0)
        // Rows of all chunks, some of them twice.
        for items in [[0, 29, 3, 3, 15], [7], [28, 28]] as [[Int32]] {
            let (left, right) = (try read(kept, items, columns: columns), try read(computed, items, columns: columns))
            #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-5 }, "\(items)")
            #expect(left.allSatisfy { $0.isFinite })
        }
        #expect(try read(kept, [3], columns: columns) != read(kept, [4], columns: columns))
    }
}
