import CascadeCore
import Testing

@Suite struct RandomTests {
    /// Values of the published splitmix64 finalizer for the states 1, 2 and 3 increments from 0.
    @Test func mixIsSplitmix64() {
        #expect(StableHash.mix(0x9E37_79B9_7F4A_7C15) == 0xE220_A839_7B1D_CDAF)
        #expect(StableHash.mix(0x9E37_79B9_7F4A_7C15 &* 2) == 0x6E78_9E6A_A1B9_65F4)
        #expect(StableHash.mix(0) == 0)
    }

    @Test func hashDependsOnSeedAndEveryByte() {
        #expect(StableHash.hash("item", seed: 1) == StableHash.hash("item", seed: 1))
        #expect(StableHash.hash("item", seed: 1) != StableHash.hash("item", seed: 2))
        var seen = Set<UInt64>()
        for length in 0..<40 { seen.insert(StableHash.hash(String(repeating: "a", count: length))) }
        for place in 0..<20 {
            var text = Array(repeating: Character("a"), count: 20)
            text[place] = "b"
            seen.insert(StableHash.hash(String(text)))
        }
        #expect(seen.count == 60)
    }

    @Test func hashSpreadsEvenlyOverBuckets() {
        var counts = [Int](repeating: 0, count: 64)
        for number in 0..<64_000 {
            counts[Int(StableHash.hash("user:\(number)").multipliedFullWidth(by: 64).high)] += 1
        }
        // Mean 1000, standard deviation about 31: six deviations.
        #expect(counts.allSatisfy { abs($0 - 1000) < 190 })
    }

    @Test func identifiersAreThirtyTwoHexadecimalDigits() {
        let bytes = Array("row".utf8)
        let text = bytes.withUnsafeBytes { StableHash.identifier($0, seed: 3) }
        #expect(text.count == 32)
        #expect(text.allSatisfy { "0123456789abcdef".contains($0) })
        #expect(text != bytes.withUnsafeBytes { StableHash.identifier($0, seed: 4) })
    }

    @Test func sequencesAreFixedByTheirSeed() {
        var one = SeededRandom(seed: 42)
        var two = SeededRandom(seed: 42)
        var other = SeededRandom(seed: 43)
        let first = (0..<100).map { _ in one.next() }
        #expect(first == (0..<100).map { _ in two.next() })
        #expect(first != (0..<100).map { _ in other.next() })
    }

    @Test func uniformAndBelowStayInRange() {
        var random = SeededRandom(seed: 5)
        var sum = 0.0
        for _ in 0..<10_000 {
            let value = random.uniform()
            #expect(value >= 0 && value < 1)
            sum += value
            #expect((0..<7).contains(random.below(7)))
        }
        #expect(abs(sum / 10_000 - 0.5) < 0.02)
    }
}
