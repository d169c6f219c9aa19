import Foundation

/// The header of a `.safetensors` file: its length in eight bytes, then JSON that tells of each tensor.
struct SafetensorsHeader {
    private struct Tensor: Decodable {
        // A file that lacks one of them is told so by the tensor's name.
        var dtype: String?
        var shape: [Int]?
        var offsets: [Int]?

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    /// All members but "__metadata__", which may hold anything under any name.
    private struct Tensors: Decodable {
        var byName: [String: Tensor] = [:]

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Name.self)
            for name in members.allKeys where name.stringValue != "__metadata__" {
                byName[name.stringValue] = try members.decode(Tensor.self, forKey: name)
            }
        }
    }

    private static let isCut = "it ends within its header: it is cut off, fetch it again"

    private let tensors: [String: Tensor]
    /// Bytes before the numbers.
    private let length: Int

    /// Reads the header at the start of `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(DataError) {
        guard bytes.count >= 8 else { throw .badVectors(file: file, reason: Self.isCut) }
        let text = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        guard let count = Int(exactly: text), count <= bytes.count - 8 else {
            throw .badVectors(
                file: file,
                reason: "it is no .safetensors file, or ends within its header: fetch it again, or write it with "
                    + "safetensors.numpy.save_file")
        }
        length = 8 + count
        guard let all = try? JSONDecoder().decode(Tensors.self, from: Data(bytes[8..<length])) else {
            throw .badVectors(
                file: file,
                reason: "its header is not the JSON of a .safetensors file: it is damaged, fetch it again or write it "
                    + "anew with safetensors.numpy.save_file")
        }
        tensors = all.byName
    }

    /// The matrix `name`, or the only one with nil, in a file of `size` bytes.
    func layout(of name: String?, size: Int, file: String) throws(DataError) -> MatrixLayout {
        let names = tensors.keys.sorted()
        guard let chosen = name ?? (names.count == 1 ? names[0] : nil), let tensor = tensors[chosen] else {
            let wish = name.map { "it has no tensor '\($0)'" } ?? "'tensor' must say which of its tensors is meant"
            throw .badVectors(file: file, reason: "\(wish); it has: \(names.joined(separator: ", "))")
        }
        guard let type = tensor.dtype, let shape = tensor.shape, let offsets = tensor.offsets, offsets.count == 2,
            offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= size - length
        else {
            throw .badVectors(
                file: file,
                reason: "tensor '\(chosen)' does not lie within the file: it is cut off or damaged, "
                    + "fetch it again")
        }
        guard let number = VectorNumber(safetensors: type) else {
            throw .badVectors(
                file: file,
                reason: "the numbers of '\(chosen)' are \(type); F16, BF16, F32 and F64 are read, so write one "
                    + "of these")
        }
        return try MatrixLayout(
            number, shape: shape, start: length + offsets[0], length: offsets[1] - offsets[0], file: file)
    }
}
