import CascadeCore
import CascadeModels
import Foundation

/// What stands in a model version for the program that trained it.
enum CodeVersion {
    /// The version, and the first digits of the SHA-256 of the program's file, which tell builds of one version apart.
    static func current() -> String {
        guard let path = Bundle.main.executablePath, let file = try? ArtifactFolder.describe(path) else {
            return ProgramVersion.current
        }
        return "\(ProgramVersion.current) \(file.sha256.prefix(12))"
    }
}
