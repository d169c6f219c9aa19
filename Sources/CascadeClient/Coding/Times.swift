public import Foundation

extension CascadeClient {
    /// An encoder that writes the types of this client as the server does.
    public static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(Times.text(of: date))
        }
        return encoder
    }

    /// A decoder that reads the types of this client from what the server or `encoder()` wrote.
    public static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = Times.date(of: text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no time")
            }
            return date
        }
        return decoder
    }
}

/// Times as RFC 3339 with as many digits as they need, to the microsecond, which is what the server keeps.
enum Times {
    static func text(of date: Date) -> String {
        let microseconds = (date.timeIntervalSince1970 * 1e6).rounded()
        let second = (microseconds / 1e6).rounded(.down)
        let base = Date(timeIntervalSince1970: second).formatted(.iso8601)
        let fraction = Int(microseconds - second * 1e6)
        guard fraction > 0 else { return base }
        var digits = String(String(1_000_000 + fraction).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(base.dropLast()).\(digits)Z"
    }

    /// Nil for text that is no time.
    static func date(of text: String) -> Date? {
        guard let point = text.firstIndex(of: ".") else { return try? Date(text, strategy: .iso8601) }
        let digits = text[text.index(after: point)...].prefix { $0.isASCII && $0.isNumber }
        guard let fraction = Double("0." + digits), !digits.isEmpty,
            let second = try? Date(text[..<point] + text[digits.endIndex...], strategy: .iso8601)
        else { return nil }
        return second.addingTimeInterval(fraction)
    }
}
