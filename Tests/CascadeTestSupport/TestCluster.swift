import CascadePostgres
import Foundation

/// The one private Postgres of a test process: started by the first test that wants it, ended with the process.
enum TestCluster {
    private static let start = Task { () async throws -> PostgresConfiguration in
        // The removal of the scratch directory also ends the server, so nobody has to let it go.
        let cluster = LocalCluster(
            dataDirectory: try ScratchDirectory.url().appendingPathComponent("data"), settings: .testing)
        return try await cluster.start(database: "postgres")
    }

    /// The address of the server's maintenance database.
    static func configuration() async throws -> PostgresConfiguration { try await start.value }
}
