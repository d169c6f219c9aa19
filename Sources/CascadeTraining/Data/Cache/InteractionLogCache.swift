package import CascadeCore
import CascadeModels
package import Foundation

/// Keeps the logs that trainings read in mapped files of a folder beside the releases, each under the hash of its content.
///
/// A training that reads what was read before takes it from there; what changed since is another content. Logs are not
/// limited by memory: their columns are written while they are read, and the system pages them in and out.
package struct InteractionLogCache: InteractionCache {
    private let folder: URL
    /// Logs that are kept; those that were used last.
    private let limit: Int
    /// Before anything is read that it will keep.
    private let began = Timestamp.now

    private enum Name {
        static let folder = ".logs"
        static let suffix = ".columns"
    }

    /// - Parameters:
    ///   - directory: the folder of the releases.
    ///   - limit: how many logs are kept; 0: none, and they still lie in files while they are used.
    package init(in directory: URL, limit: Int) {
        folder = directory.appendingPathComponent(Name.folder, isDirectory: true)
        self.limit = limit
        // What it holds of users is nobody else's to read. Where it cannot be made, logs stay in memory.
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    package var place: ColumnPlace { .files(in: folder.path) }

    package func log(of content: String) -> InteractionLog? {
        let suffix = Self.suffix(content)
        for file in Self.files(folder) where file.lastPathComponent.hasSuffix(suffix) {
            guard let log = try? InteractionLogFile.read(file.path, place: place) else {
                try? FileManager.default.removeItem(at: file)
                continue
            }
            try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: file.path)
            return log
        }
        return nil
    }

    package func keep(_ log: InteractionLog, of content: String) -> InteractionLog {
        guard limit > 0 else { return log }
        let name = "\(began.microseconds)-\(Self.suffix(content))"
        let file = folder.appendingPathComponent(name)
        let part = folder.appendingPathComponent(".\(ProcessInfo.processInfo.processIdentifier)-\(name).part")
        do {
            try InteractionLogFile.write(log, to: part.path)
            try FileManager.default.moveItem(at: part, to: file)
        } catch {
            try? FileManager.default.removeItem(at: part)
            return log
        }
        evict()
        return (try? InteractionLogFile.read(file.path, place: place)) ?? log
    }

    /// Removes all but those used last, and what killed processes left.
    private func evict() {
        let files = Self.files(folder).map { (file: $0, used: Self.used($0)) }.sorted { $0.used > $1.used }
        for (file, _) in files.dropFirst(limit) { try? FileManager.default.removeItem(at: file) }
        for part in Self.entries(folder)
        where part.pathExtension == "part" && -Self.used(part).timeIntervalSinceNow > 86_400 {
            try? FileManager.default.removeItem(at: part)
        }
    }

    /// The logs of a folder of releases whose reading began before `moment`, whole or not.
    package static func kept(in directory: URL, before moment: Timestamp) -> [URL] {
        let folder = directory.appendingPathComponent(Name.folder, isDirectory: true)
        return entries(folder).filter { file in
            guard let start = file.lastPathComponent.split(separator: "-").first else { return true }
            return Int64(start).map { $0 < moment.microseconds } ?? (used(file).timeIntervalSince1970 < moment.seconds)
        }
    }

    private static func suffix(_ content: String) -> String {
        ArtifactFolder.sha256(of: Data(content.utf8)) + Name.suffix
    }

    private static func files(_ folder: URL) -> [URL] {
        entries(folder).filter { !$0.lastPathComponent.hasPrefix(".") && $0.lastPathComponent.hasSuffix(Name.suffix) }
    }

    private static func entries(_ folder: URL) -> [URL] {
        (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    }

    private static func used(_ file: URL) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
        return attributes?[.modificationDate] as? Date ?? .distantPast
    }
}
