/// Keeps secrets out of log lines.
package enum Redaction {
    /// What stands in a secret's place.
    package static let mask = "[redacted]"

    private static let words = [
        "password", "passwd", "secret", "token", "authorization", "api_key", "apikey", "cookie",
    ].map { Array($0.utf8) }

    /// Whether a metadata key names a secret, such as `db_password` or `X-API-Key`.
    package static func isSecret(key: String) -> Bool {
        let lowered = key.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
            case UInt8(ascii: "-"): UInt8(ascii: "_")
            default: byte
            }
        }
        return words.contains { holds(lowered, $0) }
    }

    /// Whether `word` occurs in `text`; every key of every line is asked, so this goes by bytes.
    private static func holds(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard text.count >= word.count else { return false }
        return (0...(text.count - word.count)).contains { start in
            text[start] == word[0] && text[start..<(start + word.count)].elementsEqual(word)
        }
    }

    /// `text` with the passwords of its URLs (`scheme://user:password@host`) and `password=…` words masked.
    package static func scrubbed(_ text: String) -> String {
        // A text that holds neither sign has nothing to mask; almost all end here.
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "=") }) else { return text }
        var result = text
        if result.contains("://"), result.contains("@") {
            result.replace(#/(:\/\/[^\s:@\/]*:)[^\s@]+@/#) { "\($0.output.1)\(mask)@" }
        }
        if result.contains("password=") {
            result.replace(#/password=('[^']*'|[^\s&]+)/#) { _ in "password=\(mask)" }
        }
        return result
    }
}
