import ArgumentParser
import Foundation

/// `cascade db backup`: the database and the artifacts of its releases in one folder.
struct DatabaseBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write the database and the releases' artifacts into a new folder.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The folder to make.") var directory: String
    @Flag(help: "Leave the artifacts of releases out.") var noArtifacts = false
    @Flag(help: "Copy artifacts also where the backup could share the files on the disk.") var copy = false

    func run() async throws {
        let folder = BackupFolder(url: URL(fileURLWithPath: directory).standardizedFileURL)
        let manifest = try await Session.with(options) { session in
            try await BackupRun(session: session, folder: folder, linking: !copy, withArtifacts: !noArtifacts).run()
        }
        for line in BackupText.lines(manifest) { Terminal.out(line) }
        Terminal.out("the backup is in \(folder.url.path)")
    }
}
