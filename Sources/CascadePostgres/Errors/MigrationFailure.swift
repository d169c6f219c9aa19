/// Why the schema could not be brought up to date.
package enum MigrationFailure: Equatable, Sendable, CustomStringConvertible {
    case unreadable(directory: String, reason: String)
    case badName(file: String)
    case gap(missing: Int, before: String)
    case duplicate(version: Int, files: [String])
    case changed(file: String)
    case renamed(file: String, applied: String)
    case missingFile(version: Int, name: String)
    case endedTransaction(file: String)
    case failed(file: String, line: Int?, reason: String)
    case notAllowed(pending: [String], reason: String)

    package var description: String {
        switch self {
        case .unreadable(let directory, let reason):
            "migrations in \(directory) cannot be read: \(reason); check the path"
        case .badName(let file):
            "\(file) is no migration's name; call it NNNN_name.sql with lower-case letters, digits and _"
        case .gap(let missing, let before):
            "migration \(missing) is missing before \(before); number migrations 1, 2, 3 without gaps"
        case .duplicate(let version, let files):
            "migration \(version) exists more than once (\(files.joined(separator: ", "))); renumber one"
        case .changed(let file):
            "\(file) was changed after it had been applied; put the old text back and write a new migration"
        case .renamed(let file, let applied):
            "\(file) was applied under the name \(applied); give the file its old name back"
        case .missingFile(let version, let name):
            "the database has migration \(version) (\(name)), which this program does not know; run a newer program"
        case .endedTransaction(let file):
            "\(file) ends its transaction by itself; remove BEGIN, COMMIT and ROLLBACK from it"
        case .failed(let file, let line, let reason):
            "\(file)\(line.map { ":\($0)" } ?? "") failed and was rolled back: \(reason)"
        case .notAllowed(let pending, let reason):
            "the schema is older than this program (pending: \(pending.joined(separator: ", "))) and this login may not "
                + "change it: \(reason); run `cascade db migrate` as the owner of the schema"
        }
    }
}
