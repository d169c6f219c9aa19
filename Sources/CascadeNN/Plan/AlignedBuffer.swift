#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A zeroed buffer of floats that starts at a 64-byte border and is freed with its owner.
final class AlignedBuffer {
    let base: UnsafeMutablePointer<Float>
    let count: Int

    init(count: Int) throws(NNError) {
        var raw: UnsafeMutableRawPointer?
        let bytes = max(64, count * MemoryLayout<Float>.stride)
        guard posix_memalign(&raw, 64, bytes) == 0, let raw else {
            throw .system("no memory for a buffer of \(bytes) bytes; use smaller tables or batches")
        }
        memset(raw, 0, bytes)
        self.base = raw.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
        self.count = count
    }

    deinit {
        free(base)
    }
}

/// Rounds a number of floats up to whole 64-byte lines.
func aligned(_ floats: Int) -> Int {
    (floats + 15) & ~15
}
