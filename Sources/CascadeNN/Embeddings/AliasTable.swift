/// Draws numbers with given weights in constant time: each place keeps its own number with a probability and gives
/// another's otherwise.
///
/// Source: Vose, "A linear algorithm for generating random numbers with a given distribution" (1991).
struct AliasTable {
    /// [places] probability, in 2³² parts, that a place gives itself; 2³² always does.
    private let keep: [UInt64]
    /// [places] what it gives otherwise.
    private let other: [Int32]

    /// - Parameter weights: not negative, not all zero.
    /// - Complexity: O(weights).
    init(_ weights: [Double]) {
        let mean = weights.reduce(0, +) / Double(max(1, weights.count))
        var left = weights.map { $0 / mean }
        var keep = [UInt64](repeating: 1 << 32, count: weights.count)
        var other = (0..<Int32(weights.count)).map { $0 }
        var poor = left.indices.filter { left[$0] < 1 }
        var rich = left.indices.filter { left[$0] >= 1 }
        while let small = poor.popLast() {
            guard let large = rich.last else {
                // Only rounding leaves a place without one that fills it up.
                keep[small] = left[small] > 0.5 ? 1 << 32 : 0
                continue
            }
            keep[small] = UInt64(max(0, left[small]) * 0x1p32)
            other[small] = Int32(large)
            left[large] -= 1 - left[small]
            if left[large] < 1 {
                rich.removeLast()
                poor.append(large)
            }
        }
        self.keep = keep
        self.other = other
    }

    /// The number that a uniform word stands for: its high half chooses the place, its low half what the place gives.
    func draw(_ word: UInt64) -> Int32 {
        let place = Int(((word >> 32) &* UInt64(keep.count)) >> 32)
        return word & 0xFFFF_FFFF < keep[place] ? Int32(place) : other[place]
    }
}
