import CascadeCore

/// A permutation of `values` that is fixed by the seed (Fisher–Yates).
func shuffled(_ values: [Int32], seed: UInt64) -> [Int32] {
    var result = values
    var random = SeededRandom(seed: seed)
    for index in stride(from: result.count - 1, to: 0, by: -1) {
        result.swapAt(index, random.below(index + 1))
    }
    return result
}
