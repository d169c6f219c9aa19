import CPostgres

/// Turns libpq's words about a failed connection into an error.
enum ConnectFailure {
    static func error(_ connection: OpaquePointer, server: String) -> PostgresError {
        error(message: String(cString: PQerrorMessage(connection)), server: server)
    }

    static func error(message raw: String, server: String) -> PostgresError {
        let lines = raw.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("LOCATION:") }
        let message = lines.joined(separator: " ")
        switch sqlState(message) {
        case "28P01", "28000": return .authenticationFailed(server: server, message: message)
        case "3D000": return .databaseMissing(server: server, message: message)
        case "53300", "57P03", "57P01", "57P02", "53400":
            return .serverUnavailable(server: server, message: message)
        // What a proxy says while the server behind it is away.
        case "08P01" where message.contains("server login") || message.contains("query_wait_timeout"):
            return .serverUnavailable(server: server, message: message)
        case .some: return .connectFailed(server: server, message: message)
        case nil: break
        }
        let refusals = ["Connection refused", "No such file or directory", "Connection reset", "closed the connection"]
        if refusals.contains(where: message.contains) { return .connectionRefused(server: server, message: message) }
        let logins = ["password", "authentication", "SASL", "GSSAPI"]
        if logins.contains(where: message.contains) { return .authenticationFailed(server: server, message: message) }
        return .connectFailed(server: server, message: message)
    }

    /// The five characters after the severity in `FATAL:  28P01: password authentication failed`.
    private static func sqlState(_ message: String) -> String? {
        for part in message.split(separator: ":") {
            let word = part.drop(while: { $0 == " " })
            let isCode = word.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            // "FATAL" and "PANIC" have five letters too; a code has a digit in it.
            if word.utf8.count == 5, isCode, word.contains(where: \.isNumber) { return String(word) }
        }
        return nil
    }
}
