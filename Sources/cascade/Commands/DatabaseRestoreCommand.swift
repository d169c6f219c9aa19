import ArgumentParser
import Foundation

/// `cascade db restore`: a backup into an empty database, or over a filled one.
struct DatabaseRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Read a backup into the database and the data directory; servers must be stopped.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The folder of the backup.") var directory: String
    @Flag(help: "Replace the rows that the database has.") var replace = false
    @Flag(help: "Copy artifacts also where they could share the files of the backup on the disk.") var copy = false

    func run() async throws {
        let folder = BackupFolder(url: URL(fileURLWithPath: directory).standardizedFileURL)
        let manifest = try await Session.with(options, migrating: false) { session in
            try await RestoreRun(session: session, folder: folder, replacing: replace, linking: !copy).run()
        }
        for line in BackupText.lines(manifest) { Terminal.out(line) }
        Terminal.out("the backup of \(manifest.createdAt) is restored")
    }
}
