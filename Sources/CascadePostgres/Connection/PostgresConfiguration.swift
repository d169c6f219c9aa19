/// Where a database is and how to log in there. Prints itself without the password.
package struct PostgresConfiguration: Equatable, Sendable {
    /// Connection parameters by libpq's names, among them the password.
    var parameters: [String: String]

    /// How long opening a connection may take.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the server may take to stop a statement before its connection is given up; a caller waits so much beyond its limit.
    var cancelPatience: Duration = .seconds(1)
    /// How long a statement may take when it names no limit itself; nil is without limit. COPY and migrations are exempt.
    package var statementTimeout: Duration?
    /// The name under which the server lists the connection.
    package var applicationName = "cascade"
    /// Whether statements that come again are prepared. Off behind a proxy that shares sessions and does not look after them.
    package var preparesStatements = true
    /// Whether this is a proxy that gives any of its sessions to each transaction, so that nothing may be left in one.
    package var sharesSessions = false

    /// Reads `postgresql://user@host:5432/database?sslmode=require` or `host=… dbname=…`.
    ///
    /// Throws `.invalidConnectionString`, whose text quotes nothing that could be a password.
    package init(url: String) throws(PostgresError) {
        parameters = try ConnectionString.parse(url)
    }

    /// A server on this machine that listens in a directory.
    package init(socketDirectory: String, port: Int = 5432, user: String, database: String) {
        parameters = ["host": socketDirectory, "port": String(port), "user": user, "dbname": database]
    }

    /// The same server and login, another database.
    package func with(database: String) -> Self {
        var copy = self
        copy.parameters["dbname"] = database
        return copy
    }

    /// The database's name, or nil for the one named as the user.
    package var database: String? { parameters["dbname"] }

    /// The host's name or address, or the directory of its socket; nil for libpq's default.
    package var host: String? { parameters["host"] ?? parameters["hostaddr"] }

    /// The port, or nil for libpq's default.
    package var port: String? { parameters["port"] }

    /// The login, or nil for the name of the user that runs this process.
    package var user: String? { parameters["user"] }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address with user and database, never the password.
    package var description: String {
        let user = parameters["user"].map { $0 + "@" } ?? ""
        let host = parameters["host"] ?? parameters["hostaddr"] ?? "localhost"
        let port = parameters["port"] ?? "5432"
        return "postgresql://\(user)\(host):\(port)/\(database ?? "")"
    }

    package var debugDescription: String { description }

    /// Shows nothing but the description, so that `dump` prints no password either.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
