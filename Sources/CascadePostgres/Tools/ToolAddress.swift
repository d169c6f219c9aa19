import CPostgres
import Foundation

/// Where a database is, as libpq's programs are told: secrets by variables, which only the same user and root can read,
/// never by arguments, which everybody can.
struct ToolAddress: Equatable {
    /// `NAME=value`, one a parameter that has a variable.
    let variables: [String]
    /// What `--dbname` takes: the database, and the parameters that have no variable and are no secret.
    let database: String

    /// - Parameters:
    ///   - database: the name of the database.
    ///   - inherited: the variables of this process; those that libpq reads, such as `PGPASSFILE`, go along, since the
    ///     pool's own connections follow them too.
    init(
        _ configuration: PostgresConfiguration, database: String,
        inherited: [String: String] = ProcessInfo.processInfo.environment
    ) throws(PostgresError) {
        var variables = inherited.filter { $0.key.hasPrefix("PG") || $0.key == "HOME" }
        // Names the database a second time, and the wrong one where a configuration says another.
        variables["PGDATABASE"] = nil
        var parameters = ["dbname": database]
        let known = Self.options()
        for (name, value) in configuration.parameters where name != "dbname" {
            if let variable = known[name]?.variable {
                variables[variable] = value
            } else if known[name]?.isSecret == true {
                throw .invalidConnectionString(
                    reason: "\(name) cannot be handed to pg_dump and pg_restore; use a key without a passphrase")
            } else {
                parameters[name] = value
            }
        }
        self.variables = variables.map { "\($0.key)=\($0.value)" }.sorted()
        self.database = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value))" }
            .joined(separator: " ")
    }

    /// libpq's parameters with the variables that stand for them.
    private static func options() -> [String: (variable: String?, isSecret: Bool)] {
        guard let options = PQconninfoParse("", nil) else { return [:] }
        defer { PQconninfoFree(options) }
        var found: [String: (variable: String?, isSecret: Bool)] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            let isSecret = option.pointee.dispchar.map { String(cString: $0) } == "*"
            found[String(cString: keyword)] = (option.pointee.envvar.map { String(cString: $0) }, isSecret)
            option += 1
        }
        return found
    }

    /// A value of a connection string.
    private static func quoted(_ value: String) -> String {
        let escaped = value.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "'" + String(escaped) + "'"
    }
}
