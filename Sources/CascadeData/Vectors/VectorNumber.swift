/// The numbers that a matrix in a file can be made of; all little-endian.
enum VectorNumber: Sendable, CaseIterable {
    case float16, bfloat16, float32, float64

    var bytes: Int {
        switch self {
        case .float16, .bfloat16: 2
        case .float32: 4
        case .float64: 8
        }
    }

    /// What the header of a `.npy` file calls it.
    init?(npy descriptor: String) {
        switch descriptor {
        case "<f2": self = .float16
        case "<f4": self = .float32
        case "<f8": self = .float64
        default: return nil
        }
    }

    /// What the header of a `.safetensors` file calls it.
    init?(safetensors type: String) {
        switch type {
        case "F16": self = .float16
        case "BF16": self = .bfloat16
        case "F32": self = .float32
        case "F64": self = .float64
        default: return nil
        }
    }

    /// The number at `offset`, which must lie within `bytes`.
    func read(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
        func word<Word: FixedWidthInteger>(_ type: Word.Type) -> Word {
            Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
        switch self {
        case .float16: return Float(Float16(bitPattern: word(UInt16.self)))
        case .bfloat16: return Float(bitPattern: UInt32(word(UInt16.self)) << 16)
        case .float32: return Float(bitPattern: word(UInt32.self))
        case .float64: return Float(Double(bitPattern: word(UInt64.self)))
        }
    }
}
