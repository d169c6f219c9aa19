import Foundation

/// The tokens of a feature that training knew, by their hashes.
///
/// In JSON one string: base64 of the hashes in their order, eight bytes each, little-endian.
package struct TokenVocabulary: Hashable, Sendable {
    /// Strictly increasing.
    private let hashes: [UInt64]

    package init(_ hashes: some Sequence<UInt64>) { self.hashes = Set(hashes).sorted() }

    package var count: Int { hashes.count }

    /// The place of a token's hash among all; nil for a token that is not there.
    ///
    /// - Complexity: O(log n).
    package func place(of hash: UInt64) -> Int? {
        let place = hashes.partitioningIndex { $0 >= hash }
        return place < hashes.count && hashes[place] == hash ? place : nil
    }
}

extension TokenVocabulary: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let data = Data(base64Encoded: try container.decode(String.self))
        guard let data, data.count % 8 == 0 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a vocabulary is no list of hashes")
        }
        hashes = data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 8).map {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
            }
        }
        guard zip(hashes, hashes.dropFirst()).allSatisfy(<) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a vocabulary is not in order")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let data = hashes.map(\.littleEndian).withUnsafeBytes { Data($0) }
        try container.encode(data.base64EncodedString())
    }
}
