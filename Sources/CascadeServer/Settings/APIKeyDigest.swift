import Crypto
import Foundation

/// Digests of API keys; a key itself is nowhere kept.
package enum APIKeyDigest {
    /// SHA-256 of a key.
    package static func of(_ key: String) -> [UInt8] { Array(SHA256.hash(data: Data(key.utf8))) }

    /// The 32 bytes that 64 hexadecimal digits stand for, or nil when `text` is something else.
    static func digest(fromHex text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Whether two digests are the same, in a time that tells nothing of how near they are.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }
}
