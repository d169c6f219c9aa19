import ArgumentParser
import CascadeCore
import CascadeModels
import CascadeStorage
import CascadeTraining
import Foundation

/// `cascade release gc`: makes room where old releases lie.
struct ReleaseCleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Delete the artifacts of releases that nothing needs any more.")

    @OptionGroup var options: GlobalOptions
    @Option(help: "Releases to keep that were active before the present one, for rollbacks.") var keep = 3
    @Option(help: "Younger releases stay, served or not: days.") var days = 7.0
    @Flag(help: "Only print what would be deleted.") var dryRun = false

    /// What a killed run left is deleted when it is so old.
    static let abandoned: TimeInterval = 86_400
    /// What was kept of a killed training, which may be gone on with.
    private static let abandonedTraining: TimeInterval = 7 * 86_400

    func validate() throws {
        guard (0...1000).contains(keep) else { throw ValidationError("--keep must be 0 to 1000") }
        guard days >= 0, days <= 36_500 else { throw ValidationError("--days must be 0 to 36500") }
    }

    func run() async throws {
        try await Session.with(options) { session in
            let before = Timestamp.now.adding(seconds: -days * 86_400)
            let unneeded = try await session.storage.releases.removeUnneeded(
                keeping: keep, madeBefore: before, needed: ArmReleases.named(session.configuration.experiments),
                dryRun: dryRun)
            // Those of former runs too, which may have been killed in between.
            let removed = try await session.storage.releases.releases().filter { $0.state == .removed }
            var bytes = 0
            func tell(_ folder: URL, _ remove: () throws -> Void) throws {
                guard FileManager.default.fileExists(atPath: folder.path) else { return }
                let size = ReleaseFolders.bytes(of: folder)
                bytes += size
                if !dryRun { try remove() }
                Terminal.out("\(dryRun ? "would delete" : "deleted") \(folder.lastPathComponent), \(size >> 20) MiB")
            }
            for release in dryRun ? unneeded + removed : removed {
                try tell(session.releaseDirectory.appendingPathComponent(release.path)) {
                    try session.artifacts.remove(release)
                }
            }
            let abandoned =
                ReleaseFolders.unfinished(in: session.releaseDirectory, unchangedFor: Self.abandoned)
                + TrainingCheckpoints.abandoned(
                    in: session.releaseDirectory, before: Timestamp.now.adding(seconds: -Self.abandonedTraining))
            for folder in abandoned { try tell(folder) { try FileManager.default.removeItem(at: folder) } }
            Terminal.out("\(bytes >> 20) MiB \(dryRun ? "would be" : "are") free again")
        }
    }
}
