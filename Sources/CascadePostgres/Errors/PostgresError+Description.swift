import Foundation

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidConnectionString, .connectionRefused, .authenticationFailed, .databaseMissing,
            .serverUnavailable, .connectTimedOut, .connectFailed, .connectionLost:
            connectionDescription
        case .constraintViolation, .serializationFailure, .server: serverDescription
        case .unknownColumn, .unexpectedNull, .decoding, .unexpectedRowCount, .invalidValue: valueDescription
        case .migration(let failure): failure.description
        case .cluster(let failure): failure.description
        default: useDescription
        }
    }

    private var connectionDescription: String {
        switch self {
        case .invalidConnectionString(let reason):
            "the database URL cannot be read: \(reason); expected postgresql://user@host:5432/database"
        case .connectionRefused(let server, let message):
            "no Postgres answers at \(server): \(message); start it or correct database.url"
        case .authenticationFailed(let server, let message):
            "Postgres at \(server) refused the login: \(message); "
                + ConnectRemedy.text(
                    for: message, otherwise: "correct the user and the password in database.url")
        case .databaseMissing(let server, let message):
            "Postgres at \(server) has no such database: \(message); create it with `createdb` or correct database.url"
        case .serverUnavailable(let server, let message):
            "Postgres at \(server) takes no connections now: \(message); try again"
        case .connectTimedOut(let server, let after):
            "Postgres at \(server) did not answer within \(after); check the address and the network"
        case .connectFailed(let server, let message):
            "cannot connect to Postgres at \(server): \(message); \(ConnectRemedy.text(for: message))"
        case .connectionLost(let message, let statement):
            "the connection to Postgres broke: \(message)\(Self.during(statement)); the next call opens a new one"
        default: ""
        }
    }

    private var serverDescription: String {
        guard let failure = serverFailure else { return "" }
        let place = failure.position.map { " at character \($0)" } ?? ""
        let said = "\(failure.message) [\(failure.sqlState)]\(place)\(Self.during(failure.statement))"
        switch self {
        case .constraintViolation(let kind, let failure):
            let name = failure.constraint.map { " \($0)" } ?? ""
            return "a \(kind.rawValue) constraint\(name) refused the row: \(said); correct the row and send it again"
        case .serializationFailure: return "another transaction was in the way: \(said); run the transaction again"
        default: return "Postgres refused a statement: \(said); \(failure.remedy)"
        }
    }

    private var valueDescription: String {
        switch self {
        case .unknownColumn(let name, let available):
            "the result has no column \"\(name)\", only \(available.joined(separator: ", ")); correct the name"
        case .unexpectedNull(let column, let expected):
            "column \"\(column)\" is NULL where \(expected) was expected; decode an optional"
        case .decoding(let column, let expected, let typeOID, let reason):
            "column \"\(column)\" of type OID \(typeOID) is no \(expected): \(reason); cast it in the statement"
        case .unexpectedRowCount(let expected, let actual):
            "the statement gave \(actual) rows where \(expected) was expected; check its conditions"
        case .invalidValue(let reason): "Postgres cannot hold a value: \(reason)"
        default: ""
        }
    }

    private var useDescription: String {
        switch self {
        case .poolExhausted(let waiting):
            "\(waiting) tasks already wait for a database connection; raise database.max_connections or send less"
        case .poolTimedOut(let after, let lastFailure):
            "no database connection became free within \(after)"
                + (lastFailure.map { " (last failure: \($0))" } ?? "; raise database.max_connections")
        case .poolClosed: "the connection pool is closed; the program is shutting down"
        case .timedOut(let statement, let after):
            "a statement took longer than \(after) and was stopped\(Self.during(statement)); raise the timeout"
        case .cancelled(let statement): "a statement was cancelled\(Self.during(statement)); nothing is left to do"
        case .transactionAborted:
            "the transaction had failed before its commit and was rolled back; let the first error end the transaction"
        case .copy(let reason): "COPY failed: \(reason)"
        case .misuse(let reason): reason
        case .system(let call, let code):
            "\(call) failed: \(String(cString: strerror(code))) (errno \(code)); check the limits of this process"
        default: ""
        }
    }

    private static func during(_ statement: String?) -> String {
        statement.map { " in `\($0.count > 500 ? String($0.prefix(500)) + "…" : $0)`" } ?? ""
    }
}
