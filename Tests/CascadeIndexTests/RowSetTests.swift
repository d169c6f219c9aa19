import CascadeIndex
import Testing

@Suite struct RowSetTests {
    @Test func agreesWithASetOfNumbers() {
        for seed in 0..<20 as Range<UInt64> {
            var random = TestRandom(seed: seed)
            let universe = Int(random.next() % 300)
            var rows = RowSet(universe: universe)
            var truth: Set<Int32> = []
            for _ in 0..<500 {
                let row = Int32(Int(random.next() % 320) - 10)
                let isInside = row >= 0 && Int(row) < universe
                if random.next() % 3 == 0 {
                    #expect(rows.remove(row) == (truth.remove(row) != nil), "seed \(seed)")
                } else {
                    let isNew = isInside && truth.insert(row).inserted
                    #expect(rows.insert(row) == isNew, "seed \(seed)")
                }
                #expect(rows.contains(row) == truth.contains(row), "seed \(seed)")
            }
            #expect(rows.rows == truth.sorted(), "seed \(seed)")
            #expect(rows.count == truth.count)
            #expect(rows.isEmpty == truth.isEmpty)
            #expect(rows == RowSet(universe: universe, rows: truth.shuffled(using: &random)))
        }
    }

    @Test func unionDifferenceAndIntersectionAgreeWithThoseOfNumbers() {
        for seed in 0..<20 as Range<UInt64> {
            var random = TestRandom(seed: seed)
            let universe = Int(random.next() % 300) + 1
            func some(_ count: Int) -> [Int32] { (0..<count).map { _ in Int32(random.next() % UInt64(universe)) } }
            let (left, right) = (some(80), some(40))
            var union = RowSet(universe: universe, rows: left)
            union.formUnion(RowSet(universe: universe, rows: right))
            #expect(union == RowSet(universe: universe, rows: left + right), "seed \(seed)")
            var difference = RowSet(universe: universe, rows: left)
            difference.subtract(RowSet(universe: universe, rows: right))
            let rest = Set(left).subtracting(right)
            #expect(difference == RowSet(universe: universe, rows: rest), "seed \(seed)")
            #expect(difference.count == rest.count)
            var intersection = RowSet(universe: universe, rows: left)
            intersection.formIntersection(RowSet(universe: universe, rows: right))
            #expect(intersection == RowSet(universe: universe, rows: Set(left).intersection(right)), "seed \(seed)")
        }
    }

    @Test func setsOverOtherRowsAreLeftOut() {
        var rows = RowSet(universe: 10, rows: [1, 2])
        rows.formUnion(RowSet(universe: 11, rows: [3]))
        rows.subtract(RowSet(universe: 9, rows: [1]))
        rows.formIntersection(RowSet(universe: 11, rows: [1]))
        #expect(rows.rows == [1, 2])
    }

    @Test func universeIsNeverNegative() {
        #expect(RowSet(universe: -4).universe == 0)
    }

    @Test func filtersAdmitOppositeRows() {
        let rows = RowSet(universe: 70, rows: [0, 3, 64, 69])
        for row in Int32(-1)...70 {
            let isInside = row >= 0 && row < 70
            #expect(IndexFilter.allowing(rows).admits(row) == rows.contains(row))
            #expect(IndexFilter.blocking(rows).admits(row) == (isInside && !rows.contains(row)))
        }
        #expect(IndexFilter.allowing(rows).admittedCount == 4)
        #expect(IndexFilter.blocking(rows).admittedCount == 66)
    }
}
