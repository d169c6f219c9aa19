/// Vectors as they are stored: little-endian 32-bit floats.
enum VectorBytes {
    /// Lends the bytes of a vector.
    static func lend<Result>(
        _ values: [Float], _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try values.map(\.bitPattern.littleEndian).withUnsafeBytes(body)
    }

    /// The vector that `bytes` are; they may lie anywhere.
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(StorageError) -> [Float] {
        guard bytes.count % 4 == 0 else {
            throw .corruptValue(reason: "a vector of \(bytes.count) bytes is no row of 32-bit floats")
        }
        return (0..<(bytes.count / 4)).map {
            Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
    }
}
