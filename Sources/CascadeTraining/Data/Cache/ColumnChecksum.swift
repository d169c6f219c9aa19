import CascadeCore

/// Tells altered bytes from those that were written, at the speed at which they are read; no guard against intent.
enum ColumnChecksum {
    /// Four sums over words of 8 bytes in turn, each `h ← rotate(h xor w) · odd`, mixed with the length; what is left of a word counts as
    /// one with zeros behind.
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var sums: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)
        let words = bytes.count / 8
        var word = 0
        func read(_ word: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self))
        }
        while word &+ 4 <= words {
            sums.0 = step(sums.0, read(word))
            sums.1 = step(sums.1, read(word &+ 1))
            sums.2 = step(sums.2, read(word &+ 2))
            sums.3 = step(sums.3, read(word &+ 3))
            word &+= 4
        }
        while word < words {
            sums.0 = step(sums.0, read(word))
            word &+= 1
        }
        var last: UInt64 = 0
        for byte in bytes[(words * 8)...].reversed() { last = last << 8 | UInt64(byte) }
        sums.1 = step(sums.1, last)
        return [sums.0, sums.1, sums.2, sums.3].reduce(UInt64(bytes.count)) { StableHash.mix($0 ^ $1) }
    }

    private static func step(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let mixed = sum ^ word
        return (mixed << 29 | mixed >> 35) &* 0x9E37_79B9_7F4A_7C15
    }
}
