import ArgumentParser
import CascadeCore
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
    private static let abandoned: TimeInterval = 86_400
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
                keeping: keep, madeBefore: before, dryRun: dryRun)
            // Those of former runs too, which may have been killed in between.
            let removed = try await session.storage.releases.releases().filter { $0.state == .removed }
            let folders =
                (dryRun ? unneeded + removed : removed).map { session.releaseDirectory.appendingPathComponent($0.path) }
                + Self.leftOver(in: session.releaseDirectory)
            var bytes = 0
            for folder in folders where FileManager.default.fileExists(atPath: folder.path) {
                let size = Self.bytes(of: folder)
                bytes += size
                if !dryRun { try FileManager.default.removeItem(at: folder) }
                Terminal.out("\(dryRun ? "would delete" : "deleted") \(folder.lastPathComponent), \(size >> 20) MiB")
            }
            Terminal.out("\(bytes >> 20) MiB \(dryRun ? "would be" : "are") free again")
        }
    }

    /// Folders of builds that were killed.
    private static func leftOver(in directory: URL) -> [URL] {
        let keys: Set<URLResourceKey> = [.contentModificationDateKey]
        let found = try? FileManager.default.contentsOfDirectory(
            at: directory, includingPropertiesForKeys: Array(keys))
        let builds = (found ?? []).filter { folder in
            guard folder.lastPathComponent.hasPrefix(".building-") else { return false }
            let changed = try? folder.resourceValues(forKeys: keys).contentModificationDate
            return changed.map { -$0.timeIntervalSinceNow > abandoned } ?? false
        }
        return builds
            + TrainingCheckpoints.abandoned(in: directory, before: Timestamp.now.adding(seconds: -abandonedTraining))
    }

    private static func bytes(of folder: URL) -> Int {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.fileSizeKey])
        return (files?.compactMap { $0 as? URL } ?? []).reduce(0) { sum, file in
            sum + ((try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0)
        }
    }
}
