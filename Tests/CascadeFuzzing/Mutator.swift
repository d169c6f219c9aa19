import CascadeCore

/// Makes new inputs of good ones: bytes that are flipped, lost, doubled, swapped for words that decoders trip over, and parts of other inputs.
package struct Mutator {
    private var random: SeededRandom
    private let words: [[UInt8]]

    /// What decoders trip over, whatever they read.
    private static let common = [
        "\0", "\u{FEFF}", "\"", "\\", "\\u0000", "\\ud800", "\\udfff\\ud800", "{", "}", "[", "]", ":", ",", "null",
        "true",
        "-0", "1e400", "-1e400", "1e-400", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "18446744073709551616", "0.1e", "NaN", "Infinity", "\r", "\n", "\r\n", "\t", "😀", "e\u{301}", "%", "%zz", "..",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "294277-01-01T00:00:00Z", "2026-02-30T25:61:61+99:99",
    ]

    /// - Parameters:
    ///   - words: more of what the decoder knows, such as names of members.
    ///   - seed: fixes all that is drawn.
    package init(words: [String], seed: UInt64) {
        random = SeededRandom(seed: seed)
        self.words = (Self.common + words).map { Array($0.utf8) }
    }

    /// One of `inputs`, changed in one to eight ways.
    package mutating func input(of inputs: [[UInt8]]) -> [UInt8] {
        var bytes = inputs[random.below(inputs.count)]
        for _ in 0...random.below(8) { change(&bytes, others: inputs) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], others: [[UInt8]]) {
        let place = random.below(bytes.count + 1)
        switch random.below(9) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1 where place < bytes.count: bytes[place] = UInt8(random.below(256))
        case 2: bytes.removeSubrange(part(of: bytes, from: place))
        case 3: bytes.insert(contentsOf: bytes[part(of: bytes, from: place)], at: place)
        case 4: bytes.removeSubrange(place...)
        case 5:
            let other = others[random.below(others.count)]
            bytes.replaceSubrange(place..., with: other[random.below(other.count + 1)...])
        case 6:
            let word = words[random.below(words.count)]
            bytes.replaceSubrange(token(at: place, of: bytes), with: word)
        case 7:
            // Long and deep.
            let unit = place < bytes.count ? [bytes[place]] : Array("[".utf8)
            let times = 1 << random.below(12)
            bytes.insert(contentsOf: repeatElement(unit, count: times).joined(), at: place)
        default: bytes.insert(contentsOf: words[random.below(words.count)], at: place)
        }
    }

    private mutating func part(of bytes: [UInt8], from place: Int) -> Range<Int> {
        place..<min(bytes.count, place + 1 + random.below(24))
    }

    /// The run of letters and digits around a place.
    private func token(at place: Int, of bytes: [UInt8]) -> Range<Int> {
        func isWord(_ byte: UInt8) -> Bool {
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte >= 128
        }
        var (start, end) = (place, place)
        while start > 0, isWord(bytes[start - 1]) { start -= 1 }
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        return start..<end
    }
}
