/// How far back a counter looks: a stretch of time, or all of it.
///
/// Written as a whole number with a unit (`15m`, `1h`, `7d`), or `all`. Time is counted in buckets, so that a window needs
/// no list of what happened in it: a read at second t takes the bucket of t and the `buckets` before it, which is the span
/// and at most one bucket more.
package enum WindowSpan: Hashable, Sendable {
    case seconds(Int64)
    case all

    /// Buckets that a span is cut into; fewer where they would be narrower than `leastWidth`.
    package static let parts: Int64 = 24
    /// Seconds of the narrowest bucket.
    package static let leastWidth: Int64 = 60
    /// Seconds of the longest span: ten years.
    package static let longest: Int64 = 3650 * 86_400

    private static let units: [(letter: Character, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60)]

    /// Reads `15m`, `1h`, `7d` or `all`; nil for anything else, and for less than a minute or more than ten years.
    package init?(_ text: String) {
        if text == "all" {
            self = .all
            return
        }
        guard let unit = Self.units.first(where: { $0.letter == text.last }), text.dropLast().allSatisfy(\.isNumber),
            let number = Int64(text.dropLast()), number > 0, number <= Self.longest / unit.seconds
        else { return nil }
        self = .seconds(number * unit.seconds)
    }

    /// The shortest way to write it.
    package var text: String {
        guard case .seconds(let seconds) = self else { return "all" }
        let unit = Self.units.first { seconds % $0.seconds == 0 } ?? ("s", 1)
        return "\(seconds / unit.seconds)\(unit.letter)"
    }

    /// Seconds of a bucket; 0 for `all`, which has none.
    package var width: Int64 {
        guard case .seconds(let seconds) = self else { return 0 }
        return max(Self.leastWidth, seconds / Self.parts)
    }

    /// Buckets before the present one that a read takes.
    package var buckets: Int64 {
        guard case .seconds(let seconds) = self else { return 0 }
        return (seconds + width - 1) / width
    }

    /// The bucket of a second; 0 for `all`.
    package func bucket(of second: Int64) -> Int64 { width == 0 ? 0 : second.floorDivided(by: width) }
}

extension WindowSpan: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let span = WindowSpan(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(text)' is no span of time; write 15m, 1h, 7d (a minute to ten years) or all")
        }
        self = span
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Int64 {
    /// The quotient rounded down, also for a negative number.
    package func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
