import CascadeCore

/// Numbers distinct byte strings 0, 1, 2, … in the order of their first appearance.
///
/// Texts are told apart by their bytes, as Postgres does under COLLATE "C"; Swift's `String` takes canonically
/// equivalent texts for one, which would merge two users. One allocation holds all texts, so numbering a row costs a
/// hash and a comparison.
struct ByteDictionary: Sendable {
    private var arena: [UInt8] = []
    /// Where each text ends in the arena; text k starts where text k-1 ends.
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    /// Open addressing with linear probing; -1 is free. The size is a power of two, at least twice the count.
    private var slots: [Int32] = Array(repeating: -1, count: 1024)

    var count: Int { ends.count }

    /// The number of `text`, given now if it is new.
    ///
    /// - Complexity: O(length of `text`), amortised.
    mutating func number(of text: UnsafeRawBufferPointer) -> Int32 {
        let hash = StableHash.hash(text, seed: 0)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] >= 0 {
            let number = slots[slot]
            if hashes[Int(number)] == hash, equals(Int(number), text) { return number }
            slot = (slot + 1) & mask
        }
        let number = Int32(ends.count)
        arena.append(contentsOf: text)
        ends.append(arena.count)
        hashes.append(hash)
        slots[slot] = number
        if ends.count * 2 > slots.count { grow() }
        return number
    }

    /// The text of a number that was given.
    func text(_ number: Int) -> String { String(decoding: arena[range(number)], as: UTF8.self) }

    /// Numbers sorted by the bytes of their texts: `result[rank]` is a number.
    ///
    /// - Complexity: O(count · log count) comparisons.
    func sortedNumbers() -> [Int32] {
        arena.withUnsafeBytes { arena in
            (0..<Int32(count)).sorted { left, right in
                ByteOrder.precedes(
                    UnsafeRawBufferPointer(rebasing: arena[range(Int(left))]),
                    UnsafeRawBufferPointer(rebasing: arena[range(Int(right))]))
            }
        }
    }

    private func range(_ number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

    private func equals(_ number: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        arena.withUnsafeBytes { arena in
            ByteOrder.areEqual(UnsafeRawBufferPointer(rebasing: arena[range(number)]), text)
        }
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(number)
        }
    }
}
