import Crypto
import Foundation

/// The API keys that are accepted, as digests; a key itself is nowhere kept.
struct APIKeys: Sendable {
    private let digests: [[UInt8]]

    /// Takes the digests that can be read; `ServerSettings.problems` refuses the others before.
    init(_ settings: AuthSettings) {
        digests = settings.keysSHA256.compactMap { Self.digest(fromHex: $0) }
    }

    /// Whether a key is asked for at all.
    var isEmpty: Bool { digests.isEmpty }

    /// Whether `key` is one of the keys, in a time that tells nothing of how near it was.
    func accept(_ key: String) -> Bool {
        let digest = Array(SHA256.hash(data: Data(key.utf8)))
        var found: UInt8 = 0
        for known in digests {
            var difference: UInt8 = 0
            for (left, right) in zip(digest, known) { difference |= left ^ right }
            found |= difference == 0 ? 1 : 0
        }
        return found == 1
    }

    /// The 32 bytes that 64 hexadecimal digits stand for, or nil when `text` is something else.
    static func digest(fromHex text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
