import CPostgres

/// Reads database URLs by libpq's own rules.
enum ConnectionString {
    /// The given parameters by libpq's names.
    static func parse(_ text: String) throws(PostgresError) -> [String: String] {
        try checkScheme(text)
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            let reason = message.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(message)
            throw .invalidConnectionString(reason: withoutQuotes(reason))
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        try checkPort(parameters["port"])
        return parameters
    }

    /// libpq takes a URL with an unknown scheme for a list of `name=value` and then says something unhelpful.
    private static func checkScheme(_ text: String) throws(PostgresError) {
        if text.isEmpty { throw .invalidConnectionString(reason: "it is empty") }
        if text.utf8.contains(0) { throw .invalidConnectionString(reason: "it holds a NUL character") }
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") { return }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            if !text.contains("=") { throw .invalidConnectionString(reason: "it has no scheme") }
            return
        }
        let scheme = text[..<colon]
        // A password can contain "://"; only a plain word before it is a scheme.
        if scheme.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "+" }) {
            throw .invalidConnectionString(reason: "the scheme is \(scheme)")
        }
    }

    private static func checkPort(_ port: String?) throws(PostgresError) {
        for part in (port ?? "").split(separator: ",") where Int(part).map({ (1...65535).contains($0) }) != true {
            throw .invalidConnectionString(reason: "the port is no number from 1 to 65535")
        }
    }

    /// libpq's words with quoted parts left out, which may be pieces of a password; names of parameters stay.
    private static func withoutQuotes(_ message: String) -> String {
        let trimmed = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        if trimmed.hasPrefix("invalid URI query parameter") || trimmed.hasPrefix("invalid connection option") {
            return trimmed
        }
        let parts = trimmed.split(separator: "\"", omittingEmptySubsequences: false)
        let shown = parts.enumerated().map { $0.offset % 2 == 0 ? String($0.element) : "…" }
        return shown.joined(separator: "\"")
    }
}
