import CascadeModels
import Foundation

/// The folders below the release directory, as they lie on the disk.
enum ReleaseFolders {
    /// Bytes of all files of a folder; 0 where it is not there.
    static func bytes(of folder: URL) -> Int {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.fileSizeKey])
        return (files?.compactMap { $0 as? URL } ?? []).reduce(0) { sum, file in
            sum + ((try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0)
        }
    }

    /// Folders of builds that run or were killed, which nothing has changed for so many seconds.
    static func unfinished(in directory: URL, unchangedFor seconds: TimeInterval) -> [URL] {
        let keys: Set<URLResourceKey> = [.contentModificationDateKey]
        let found = try? FileManager.default.contentsOfDirectory(
            at: directory, includingPropertiesForKeys: Array(keys))
        return (found ?? []).filter { folder in
            guard folder.lastPathComponent.hasPrefix(DirectoryArtifacts.unfinishedPrefix) else { return false }
            let changed = try? folder.resourceValues(forKeys: keys).contentModificationDate
            return changed.map { -$0.timeIntervalSinceNow > seconds } ?? false
        }
    }

    /// Bytes that are free where a folder is, or would be; nil where that cannot be told.
    static func freeBytes(at folder: URL) -> Int? {
        var place = folder
        while !FileManager.default.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: place.path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    }
}
