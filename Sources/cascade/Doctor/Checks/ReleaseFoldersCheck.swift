import CascadeCore
import Foundation

/// Whatever a rollback or an activation may go back to is on the disk.
struct ReleaseFoldersCheck: DoctorCheck {
    let name = "release_folders"
    let needs = DoctorNeed.schema

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let kept = context.releases.filter { [.active, .ready, .retired].contains($0.state) }
        let missing = kept.filter { release in
            !FileManager.default.fileExists(atPath: context.releaseDirectory.appendingPathComponent(release.path).path)
        }
        if missing.isEmpty { return .ok("the folders of all \(kept.count) releases are there") }
        let names = missing.prefix(3).map(\.id).joined(separator: ", ") + (missing.count > 3 ? ", …" : "")
        let remedy = "put them back from a backup (`cascade db restore`), or give old ones up with `cascade release gc`"
        let text = "the folders of \(missing.count) releases are missing: \(names)"
        return missing.contains { $0.state == .active } ? .fail(text, remedy) : .warn(text, remedy)
    }
}
