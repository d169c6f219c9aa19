package import Foundation

/// `pg_dump` and `pg_restore` for one database.
///
/// A program that runs here ends with this process, however that ends: the server then takes back what it had not committed.
package struct DumpTools: Sendable {
    private let binaries: String
    private let variables: [String]
    private let database: String

    /// Finds the programs for a server of major version `version`; throws `.cluster(.toolsMissing)` where there are none.
    package init(
        _ configuration: PostgresConfiguration, database: String, version: Int
    ) throws(PostgresError) {
        binaries = try ServerBinaries.findTools(version: version).directory
        let address = try ToolAddress(configuration, database: database)
        variables = address.variables
        self.database = address.database
    }

    /// Writes the whole database, as the exported `snapshot` sees it, into a new file, and flushes that to the disk.
    package func dump(to file: URL, snapshot: String) async throws(PostgresError) {
        // The first step of compression saves most of the room and costs a fraction of the time.
        try await run(
            "pg_dump", ["--format=custom", "--compress=1", "--snapshot=\(snapshot)", "--file=\(file.path)"])
    }

    /// Reads a dump into the database, in one transaction.
    ///
    /// - Parameter replacing: drops what is there of the dump's tables and functions, in the same transaction.
    package func restore(from file: URL, replacing: Bool) async throws(PostgresError) {
        try await run(
            "pg_restore",
            ["--single-transaction", "--exit-on-error"] + (replacing ? ["--clean", "--if-exists"] : []), [file.path])
    }

    private func run(
        _ program: String, _ options: [String], _ operands: [String] = []
    ) async throws(PostgresError) {
        let common = ["--no-owner", "--no-privileges", "--no-password", "--dbname=\(database)"]
        let command = Self.endsWithParent + ["\(binaries)/\(program)"] + options + common + operands
        let variables = variables
        try await onOwnThread { () throws(PostgresError) in
            try ToolRunner.check(command, variables: variables, tool: program)
        }
    }

    /// Goes before a command so that the system ends it with the thread that waits for it.
    private static let endsWithParent: [String] =
        ["/usr/bin/setpriv", "/bin/setpriv"].first { FileManager.default.isExecutableFile(atPath: $0) }
        .map { [$0, "--pdeathsig", "KILL", "--"] } ?? []
}
