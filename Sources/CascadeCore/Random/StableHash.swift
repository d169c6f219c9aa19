/// Hashes that are the same on every machine and in every process (the language's own hasher is seeded per process).
package enum StableHash {
    /// The finalizer of splitmix64: a bijection of 64-bit words in which every input bit reaches every output bit.
    @inlinable
    package static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A seeded 64-bit hash of bytes: eight bytes a step by a widening multiplication, then `mix`.
    ///
    /// - Complexity: O(count of `bytes`).
    package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var accumulator = mix(seed ^ 0xA076_1D64_78BD_642F) ^ UInt64(bytes.count)
        var position = 0
        while position + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            accumulator = fold(accumulator ^ word, 0xE703_7ED1_A0B4_28DB)
            position += 8
        }
        var tail: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count {
            tail |= UInt64(bytes[position]) << shift
            shift += 8
            position += 1
        }
        return mix(fold(accumulator ^ tail, 0x8EBC_6AF0_9C88_C6E3))
    }

    /// A seeded 64-bit hash of the UTF-8 of `text`.
    package static func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
        var copy = text
        return copy.withUTF8 { hash(UnsafeRawBufferPointer($0), seed: seed) }
    }

    /// A 128-bit hash of bytes as 32 hexadecimal digits; an identifier for content whose collisions do not happen.
    package static func identifier(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> String {
        let high = hash(bytes, seed: seed)
        let low = hash(bytes, seed: seed ^ 0x5851_F42D_4C95_7F2D)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for (offset, word) in [(0, high), (16, low)] {
                for digit in 0..<16 {
                    let nibble = UInt8((word >> UInt64(60 - 4 * digit)) & 15)
                    buffer[offset + digit] = nibble < 10 ? 48 + nibble : 87 + nibble
                }
            }
            return 32
        }
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        // A zero factor would erase all that came before; adding the factor keeps the state moving.
        return (high ^ low) &+ left
    }
}
