/// Places buffers in one arena; buffers whose lifetimes do not meet may share a place. First fit.
struct IntervalAllocator {
    private struct Placed {
        var range: Range<Int>
        var end: Int
    }

    /// Without reuse every buffer has its own place.
    let reuse: Bool
    /// Floats the arena needs.
    private(set) var size = 0
    private var living: [Placed] = []

    init(reuse: Bool) {
        self.reuse = reuse
    }

    /// Offset for a buffer that lives from step `start` to step `end`, both included. Starts must not fall.
    mutating func place(_ count: Int, from start: Int, to end: Int) -> Int {
        guard reuse else {
            size += count
            return size - count
        }
        living.removeAll { $0.end < start }
        var offset = 0
        for placed in living.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            if offset + count <= placed.range.lowerBound { break }
            offset = max(offset, placed.range.upperBound)
        }
        living.append(Placed(range: offset..<offset + count, end: end))
        size = max(size, offset + count)
        return offset
    }
}
