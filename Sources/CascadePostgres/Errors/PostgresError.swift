/// Everything that can go wrong between Cascade and Postgres.
///
/// No case holds a parameter value or a password. `description` ends in a remedy.
package enum PostgresError: Error, Equatable, Sendable {
    // Reaching the server. `server` is the address without the password.
    case invalidConnectionString(reason: String)
    case connectionRefused(server: String, message: String)
    case authenticationFailed(server: String, message: String)
    case databaseMissing(server: String, message: String)
    case serverUnavailable(server: String, message: String)
    case connectTimedOut(server: String, after: Duration)
    case connectFailed(server: String, message: String)
    case connectionLost(message: String, statement: String?)

    // Waiting.
    case poolExhausted(waiting: Int)
    case poolTimedOut(after: Duration, lastFailure: String?)
    case poolClosed
    case timedOut(statement: String, after: Duration)
    case cancelled(statement: String?)

    // What the server refused.
    case constraintViolation(ConstraintKind, ServerFailure)
    case serializationFailure(ServerFailure)
    case server(ServerFailure)
    case transactionAborted

    // Values.
    case unknownColumn(name: String, available: [String])
    case unexpectedNull(column: String, expected: String)
    case decoding(column: String, expected: String, typeOID: UInt32, reason: String)
    case unexpectedRowCount(expected: String, actual: Int)
    case invalidValue(String)

    // Use.
    case copy(String)
    case misuse(String)
    case system(call: String, code: Int32)

    case migration(MigrationFailure)
    case cluster(ClusterFailure)

    /// Whether the same call may succeed when made again a little later.
    /// Whether a lock was not to be had in the time that was given.
    package var isLockTimeout: Bool {
        if case .server(let failure) = self { return failure.sqlState == "55P03" }
        return false
    }

    package var isTransient: Bool {
        switch self {
        case .connectionRefused, .serverUnavailable, .connectTimedOut, .connectionLost, .poolExhausted, .poolTimedOut,
            .timedOut, .serializationFailure:
            true
        case .server(let failure): ["53300", "53400", "55P03", "57P03"].contains(failure.sqlState)
        default: false
        }
    }

    /// The server's failure, for the cases that carry one.
    package var serverFailure: ServerFailure? {
        switch self {
        case .constraintViolation(_, let failure), .serializationFailure(let failure), .server(let failure): failure
        default: nil
        }
    }
}
