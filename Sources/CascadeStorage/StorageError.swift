package import CascadePostgres

/// Everything that can go wrong when catalog, feedback and releases are read or written; `description` ends in a remedy.
package enum StorageError: Error, Equatable, Sendable {
    /// The database cannot be reached or is overloaded; the same call may succeed a little later.
    case unavailable(PostgresError)
    /// A table or column is missing: the schema is older than this program.
    case schemaNotMigrated(PostgresError)
    /// A value breaks a rule of the schema, such as the length of an identifier.
    case refusedValue(PostgresError)
    /// Any other failure of the database.
    case database(PostgresError)
    /// There are more kinds of feedback than a mask has bits.
    case tooManySignals(known: [String], refused: [String])
    /// A value cannot be stored; `reason` says which and why.
    case invalidValue(reason: String)
    /// A stored document is not what this program writes.
    case corruptValue(reason: String)
    /// There is no release of that identifier.
    case unknownRelease(id: String)
    /// The release failed, or its artifacts were deleted, and it cannot be made active.
    case releaseNotServable(id: String)
    /// A release is being trained, or its training came to nothing.
    case releaseNotBuilt(id: String, failure: String?)
    /// A release or a model version of that identifier exists with other content.
    case alreadyRegistered(id: String)
    /// What a release reads over windows of time is not counted here.
    case notCounted

    /// Whether the database is out of reach at the moment, so that a server answers 503 and the caller may try again.
    package var isUnavailable: Bool {
        if case .unavailable = self { return true }
        return false
    }

    /// The failure of the database behind it, where there is one.
    package var postgresError: PostgresError? {
        switch self {
        case .unavailable(let error), .schemaNotMigrated(let error), .refusedValue(let error), .database(let error):
            error
        default: nil
        }
    }

    /// Sorts a failure of the database by what can be done about it.
    package init(_ error: PostgresError) {
        switch error {
        case .server(let failure) where ["42P01", "42703", "3F000"].contains(failure.sqlState):
            self = .schemaNotMigrated(error)
        case .constraintViolation, .invalidValue, .copy: self = .refusedValue(error)
        // Class 22 is "data exception": a value that does not fit its type.
        case .server(let failure) where failure.sqlState.hasPrefix("22"): self = .refusedValue(error)
        case .poolClosed, .connectFailed, .databaseMissing, .authenticationFailed: self = .unavailable(error)
        case _ where error.isTransient: self = .unavailable(error)
        default: self = .database(error)
        }
    }
}

extension StorageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let error): "the database is not available: \(error)"
        case .schemaNotMigrated(let error):
            "the database has not the schema of this program: run `cascade db migrate` (\(error))"
        case .refusedValue(let error), .database(let error): error.description
        case .tooManySignals(let known, let refused):
            "there is room for \(SignalRegistry.maximum) kinds of feedback, \(known.count) are known "
                + "(\(known.joined(separator: ", "))): \(refused.joined(separator: ", ")) cannot be added; "
                + "map several of them to one kind"
        case .invalidValue(let reason): "a value cannot be stored: \(reason)"
        case .corruptValue(let reason):
            "a stored value cannot be read: \(reason); restore it, or write the row again"
        case .unknownRelease(let id): "there is no release \(id); see `cascade release list`"
        case .releaseNotServable(let id):
            "release \(id) has failed or was removed and cannot be served; activate another (`cascade release list`)"
        case .releaseNotBuilt(let id, nil):
            "release \(id) is being trained and cannot be used before that has ended (`cascade release list`)"
        case .releaseNotBuilt(let id, let failure?):
            "the training of release \(id) came to nothing: \(failure); train again or use another (`cascade release list`)"
        case .notCounted:
            "what the release reads over windows of time is not counted; run `cascade counters rebuild`"
        case .alreadyRegistered(let id):
            "\(id) is registered already with other content; register under a new identifier"
        }
    }
}
