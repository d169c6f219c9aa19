/// Why a backup cannot be made or restored; `description` ends in a remedy.
enum BackupError: Error, Equatable, CustomStringConvertible {
    /// The backup's folder is there already.
    case exists(path: String)
    case unwritable(path: String, reason: String)
    /// The active release cannot be put into the backup.
    case activeReleaseUnsound(id: String, reason: String)
    /// A folder that is no backup, or one of a newer program.
    case noBackup(path: String, reason: String)
    case damaged(file: String, reason: String)
    case databaseHasRows(tables: [String])
    case databaseInUse(sessions: Int)
    /// The schema of the backup is newer than this program.
    case newerSchema(backup: Int, program: Int)
    /// What was restored is not what the backup says.
    case rowsDiffer(table: String, expected: Int, found: Int)
    case activeReleaseNotLoaded(id: String, reason: String)

    var description: String {
        switch self {
        case .exists(let path): "\(path) is there already; name a new folder for the backup"
        case .unwritable(let path, let reason):
            "\(path) cannot be written: \(reason); choose another folder or make room"
        case .activeReleaseUnsound(let id, let reason):
            "the artifacts of the active release \(id) are not whole: \(reason); activate another release "
                + "(`cascade release list`), or back up the database alone with --no-artifacts"
        case .noBackup(let path, let reason): "\(path) is no backup that can be restored: \(reason)"
        case .damaged(let file, let reason): "\(file) is damaged: \(reason); restore another backup"
        case .databaseHasRows(let tables):
            "the database has rows in \(tables.joined(separator: ", ")); with --replace they are replaced by the backup's"
        case .databaseInUse(let sessions):
            "\(sessions) other sessions of cascade use the database; stop servers and workers first"
        case .newerSchema(let backup, let program):
            "the backup has migration \(backup), this program knows \(program); restore it with a newer program"
        case .rowsDiffer(let table, let expected, let found):
            "\(table) has \(found) rows after the restore where the backup says \(expected); restore again, "
                + "and another backup if that does not help"
        case .activeReleaseNotLoaded(let id, let reason):
            "the database is restored, but its active release \(id) cannot be loaded: \(reason); activate another "
                + "(`cascade release list`) or run `cascade train`"
        }
    }
}
