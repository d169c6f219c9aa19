/// What the server said about a statement that it refused; holds no parameter value.
///
/// The server's DETAIL line is left out on purpose: it quotes the values of keys.
package struct ServerFailure: Equatable, Sendable {
    /// The five-character code of the failure, such as `23505`.
    package let sqlState: String
    /// The server's own words.
    package let message: String
    /// The server's advice, when it gave one.
    package let hint: String?
    /// The violated constraint's name.
    package let constraint: String?
    /// The table that the failure is about.
    package let table: String?
    /// The text of the statement with `$n` where values were bound, cut to 500 characters.
    package let statement: String
    /// The 1-based character of the statement at which the server stopped reading it.
    package let position: Int?

    package init(
        sqlState: String, message: String, hint: String? = nil, constraint: String? = nil, table: String? = nil,
        statement: String, position: Int? = nil
    ) {
        self.sqlState = sqlState
        self.message = message
        self.hint = hint
        self.constraint = constraint
        self.table = table
        self.statement = statement.count > 500 ? String(statement.prefix(500)) + "…" : statement
        self.position = position
    }

    /// What an operator can do about it, where the code tells.
    package var remedy: String {
        if let hint { return hint }
        switch sqlState {
        case "42P01", "42703": return "the schema may be older than this program: run `cascade db migrate`"
        case "42501":
            return
                "make the login in database.url a member of the role that this needs (cascade_server, cascade_catalog, "
                + "cascade_trainer), or connect as the owner"
        case "26000", "42P05":
            return "behind a proxy that shares sessions, set database.prepare_statements to false"
        case "53100": return "free space on the volume that holds the database"
        case "53200": return "lower work_mem or give the server more memory"
        case "53300": return "lower database.max_connections or raise the server's max_connections"
        case "25006": return "connect to the primary server: this one takes no writes"
        case "22021": return "send UTF-8 text without NUL characters"
        case "57014": return "raise the statement timeout or make the statement cheaper"
        case "55P03": return "try again when the other session has let the lock go"
        default: return "see SQLSTATE \(sqlState) in the PostgreSQL manual, appendix A"
        }
    }
}

/// Which kind of constraint a row broke.
package enum ConstraintKind: String, Equatable, Sendable {
    case unique, foreignKey, notNull, check, exclusion, other

    init(sqlState: String) {
        switch sqlState {
        case "23505": self = .unique
        case "23503": self = .foreignKey
        case "23502": self = .notNull
        case "23514": self = .check
        case "23P01": self = .exclusion
        default: self = .other
        }
    }
}
