import Crypto
import Foundation

/// A place in a list as callers hold it: opaque text that is good for URLs.
///
/// A checksum over the list and the place tells a cursor that was cut short, made up, or made for another list. It is no
/// signature, so that several servers need no common secret: a forged cursor leads nowhere that its caller could not read
/// from the start of the list.
enum ListCursor {
    private static let checksumBytes = 8

    /// The text of a place in `list`.
    static func text(_ place: [String], in list: [String]) -> String {
        Data(checksum(place, list) + packed(place)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The place that `text` stands for; nil where it is no place in `list`.
    static func place(_ text: String, in list: [String]) -> [String]? {
        let digits = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - digits.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: digits + padding), data.count >= checksumBytes,
            let place = unpacked(Array(data)[checksumBytes...]),
            checksum(place, list).elementsEqual(data.prefix(checksumBytes))
        else { return nil }
        return place
    }

    private static func checksum(_ place: [String], _ list: [String]) -> [UInt8] {
        var bytes = packed([String(list.count)] + list)
        bytes += packed(place)
        return Array(SHA256.hash(data: bytes).prefix(checksumBytes))
    }

    /// The texts, each behind its length in two bytes; a longer one is cut, which no identifier is.
    private static func packed(_ texts: [String]) -> [UInt8] {
        texts.reduce(into: []) { bytes, text in
            let content = text.utf8.prefix(Int(UInt16.max))
            bytes.append(UInt8(content.count >> 8))
            bytes.append(UInt8(content.count & 0xFF))
            bytes += content
        }
    }

    private static func unpacked(_ bytes: ArraySlice<UInt8>) -> [String]? {
        var rest = bytes
        var texts: [String] = []
        while let high = rest.popFirst() {
            guard let low = rest.popFirst() else { return nil }
            let count = Int(high) << 8 | Int(low)
            guard rest.count >= count, let text = String(validating: rest.prefix(count), as: UTF8.self) else {
                return nil
            }
            texts.append(text)
            rest = rest.dropFirst(count)
        }
        return texts
    }
}
