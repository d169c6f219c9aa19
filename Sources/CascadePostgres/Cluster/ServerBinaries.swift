import Foundation

/// Finds the programs of the PostgreSQL server.
package struct ServerBinaries: Equatable {
    /// The directory that holds `initdb`, `pg_ctl` and `postgres`.
    let directory: String

    package func path(_ program: String) -> String { directory + "/" + program }

    /// The programs for a cluster of the given major version, or the newest there are.
    package static func find(
        version: String?, roots: [String] = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"],
        searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(PostgresError) -> ServerBinaries {
        var versions: [(name: String, directory: String)] = []
        for root in roots {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] {
                versions.append((name, "\(root)/\(name)/bin"))
            }
        }
        versions = versions.filter { isComplete($0.directory) }
        versions.sort { (Int($0.name) ?? 0) > (Int($1.name) ?? 0) }
        let inPath = searchPath.split(separator: ":").map(String.init).filter(isComplete)
        guard let version else {
            guard let first = versions.first?.directory ?? inPath.first else {
                throw .cluster(.binariesMissing(searched: roots.map { $0 + "/*/bin" } + ["PATH"]))
            }
            return ServerBinaries(directory: first)
        }
        if let match = versions.first(where: { $0.name == version }) {
            return ServerBinaries(directory: match.directory)
        }
        for directory in inPath where try major(of: directory) == version {
            return ServerBinaries(directory: directory)
        }
        if versions.isEmpty, inPath.isEmpty {
            throw .cluster(.binariesMissing(searched: roots.map { $0 + "/*/bin" } + ["PATH"]))
        }
        throw .cluster(.versionMismatch(cluster: version, installed: versions.map(\.name) + inPath))
    }

    private static func isComplete(_ directory: String) -> Bool {
        has(["initdb", "pg_ctl", "postgres"], directory)
    }

    /// The programs that dump and restore a server of a major version: of that version, or the newest there are, which
    /// read older servers too.
    static func findTools(
        version: Int, roots: [String] = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"],
        searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) throws(PostgresError) -> ServerBinaries {
        var found: [(version: Int, directory: String)] = []
        for root in roots {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] {
                if let number = Int(name) { found.append((number, "\(root)/\(name)/bin")) }
            }
        }
        found = found.filter { $0.version >= version && has(tools, $0.directory) }
        for directory in searchPath.split(separator: ":").map(String.init) where has(tools, directory) {
            let number = try major(of: directory, program: "pg_dump").flatMap { Int($0) }
            if let number, number >= version { found.append((number, directory)) }
        }
        found.sort { $0.version > $1.version }
        guard let chosen = found.first(where: { $0.version == version }) ?? found.first else {
            throw .cluster(.toolsMissing(version: version, searched: roots.map { $0 + "/*/bin" } + ["PATH"]))
        }
        return ServerBinaries(directory: chosen.directory)
    }

    private static let tools = ["pg_dump", "pg_restore", "psql"]

    private static func has(_ programs: [String], _ directory: String) -> Bool {
        programs.allSatisfy { FileManager.default.isExecutableFile(atPath: directory + "/" + $0) }
    }

    /// `15` from `postgres (PostgreSQL) 15.18 (Debian …)`.
    private static func major(
        of directory: String, program: String = "postgres"
    ) throws(PostgresError) -> String? {
        let output = try ToolRunner.run(["\(directory)/\(program)", "--version"]).output
        guard let number = output.split(separator: " ").first(where: { $0.first?.isNumber == true }) else { return nil }
        return number.split(separator: ".").first.map(String.init)
    }
}
