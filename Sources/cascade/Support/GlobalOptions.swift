import ArgumentParser
import CascadeConfig
import Foundation

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: "The configuration file (default: Config/cascade.yaml where it exists).")
    var config: String?

    @Option(help: "The database URL; without one, a private Postgres runs under the data directory.")
    var databaseURL: String?

    @Option(help: "Holds the private Postgres and the releases.")
    var dataDirectory: String?

    @Option(help: "How much is logged: trace, debug, info, notice, warning, error, critical.")
    var logLevel: String?

    /// The effective configuration: flags before environment before file before defaults.
    func load() throws -> CascadeConfiguration {
        var environment = ProcessInfo.processInfo.environment
        if let databaseURL {
            environment["CASCADE_DATABASE_URL"] = databaseURL
            // What the file says leads to the database of the file.
            for name in ["CASCADE_DATABASE_DIRECT_URL", "CASCADE_DATABASE_REPLICA_URL"] {
                environment[name] = environment[name] ?? ""
            }
        }
        if let dataDirectory { environment["CASCADE_DATA_DIRECTORY"] = dataDirectory }
        if let logLevel { environment["CASCADE_LOGGING_LEVEL"] = logLevel }
        return try CascadeConfiguration.load(path: config, environment: environment)
    }
}
