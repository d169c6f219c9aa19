import CascadeCore
import Foundation

/// Releases can be written, and nobody else can write them.
struct DataDirectoryCheck: DoctorCheck {
    let name = "data_directory"
    let needs = DoctorNeed.nothing

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let path = context.dataDirectory.path
        guard FileManager.default.fileExists(atPath: path) else {
            return .ok("\(path) is not there yet; the first command that needs it makes it")
        }
        for folder in [path, context.releaseDirectory.path] where FileManager.default.fileExists(atPath: folder) {
            guard access(folder, W_OK | X_OK) == 0 else {
                return .fail(
                    "\(folder) cannot be written by user \(geteuid())",
                    "give it to that user (`chown`), or choose another with --data-directory")
            }
            let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int ?? 0
            if mode & 0o002 != 0 {
                return .warn("\(folder) can be written by everybody", "chmod o-w \(folder)")
            }
        }
        return .ok("\(path) can be written, and not by everybody")
    }
}

/// There is room for the next release.
struct DiskSpaceCheck: DoctorCheck {
    let name = "disk_space"
    let needs = DoctorNeed.nothing
    /// Where there is no release yet to go by.
    var least = 1 << 30

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        guard let free = ReleaseFolders.freeBytes(at: context.dataDirectory) else {
            return .warn("the free space of \(context.dataDirectory.path) cannot be told", "look with `df`")
        }
        let sizes = context.releases.map {
            ReleaseFolders.bytes(of: context.releaseDirectory.appendingPathComponent($0.path))
        }
        let largest = sizes.max() ?? 0
        let text = "\(SizeText.text(free)) free; the largest release takes \(SizeText.text(largest))"
        let remedy = "`cascade release gc` deletes what nothing needs; else make the volume larger"
        if free < max(largest, least / 10) { return .fail(text, remedy) }
        if free < max(3 * largest, least) { return .warn(text, remedy) }
        return .ok(text)
    }
}

/// Builds that were killed leave nothing behind.
struct UnfinishedFoldersCheck: DoctorCheck {
    let name = "unfinished_folders"
    let needs = DoctorNeed.nothing
    /// Younger ones may be a build that runs.
    var seconds = ReleaseCleanCommand.abandoned

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let folders = ReleaseFolders.unfinished(in: context.releaseDirectory, unchangedFor: seconds)
        if folders.isEmpty { return .ok("no build left a folder behind") }
        let bytes = folders.reduce(0) { $0 + ReleaseFolders.bytes(of: $1) }
        return .warn(
            "\(folders.count) folders of builds that did not end, \(SizeText.text(bytes))", "cascade release gc")
    }
}
