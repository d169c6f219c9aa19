package import Foundation

/// `pg_dump`, `pg_restore` and `psql` for one database.
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
        let options = ["--format=custom", "--compress=1", "--snapshot=\(snapshot)", "--file=\(file.path)"]
        try await run(
            "pg_dump",
            ["\(binaries)/pg_dump"] + options
                + ["--no-owner", "--no-privileges", "--no-password", "--dbname=\(database)"])
    }

    /// Reads a dump into the database, in one transaction.
    ///
    /// Not by `pg_restore` alone, which can put nothing before the dump into its transaction, and whose own way of making room cannot
    /// drop what a partition inherits. What it would do goes to `psql` as text, between a beginning and an end. Where the text ends too
    /// early, the end is no statement, also behind rows that are cut off, and nothing is kept; that all is kept is told by the
    /// last line alone.
    ///
    /// - Parameter preparation: a statement that goes first, in the same transaction.
    package func restore(from file: URL, after preparation: String) async throws(PostgresError) {
        // Without it a restore that is killed would go on by itself, and another beside it.
        guard !Self.endsWithParent.isEmpty else {
            throw .cluster(.programMissing(name: "setpriv", package: "util-linux"))
        }
        let start = Self.endsWithParent.joined(separator: " ")
        let script = """
            {
                printf 'BEGIN;\\n%s;\\n' "$4"
                if \(start) "$1/pg_restore" --no-owner --no-privileges --exit-on-error --file=- "$2"
                then printf 'COMMIT;\\n\\\\echo %s\\n' "$5"
                else printf '\\n\\\\.\\npg_restore failed;\\n'
                fi
            } | \(start) "$1/psql" --no-psqlrc --quiet --no-password --set=ON_ERROR_STOP=1 --output=/dev/null --dbname="$3"
            """
        let output = try await run(
            "pg_restore",
            ["/bin/sh", "-c", script, "sh", binaries, file.path, database, preparation, Self.committed])
        guard output.hasSuffix(Self.committed + "\n") else {
            throw .cluster(.toolFailed(tool: "pg_restore", status: 0, output: "it ended before the dump did"))
        }
    }

    private static let committed = "cascade: all of the dump is restored"

    @discardableResult
    private func run(_ tool: String, _ command: [String]) async throws(PostgresError) -> String {
        let command = Self.endsWithParent + command
        let variables = variables
        return try await onOwnThread { () throws(PostgresError) in
            try ToolRunner.check(command, variables: variables, tool: tool)
        }
    }

    /// Goes before a command so that the system ends it with the thread that waits for it.
    private static let endsWithParent: [String] =
        ["/usr/bin/setpriv", "/bin/setpriv"].first { FileManager.default.isExecutableFile(atPath: $0) }
        .map { [$0, "--pdeathsig", "KILL", "--"] } ?? []
}
