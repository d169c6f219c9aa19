package import CascadeCore
package import Foundation

/// Where the artifacts of releases are kept: one folder a release, whole or not there, and never changed.
///
/// Trainings publish into it and servers open from it; they may be on other machines. A store that is no folder of this machine's
/// brings what is opened into one, since artifacts are mapped.
package protocol ArtifactStore: Sendable {
    /// A folder of this machine for what is in the making and stays here: checkpoints of trainings and logs that were read.
    var workspace: URL { get }

    /// The artifacts of a release, all of them verified: each by the manifest, and the manifest by the checksum of the release's row.
    ///
    /// What is mapped stays readable when the release is removed meanwhile.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the first file that is missing or altered.
    func open(_ release: Release) throws -> (folder: ArtifactFolder, manifest: Manifest)

    /// Lets `body` write into a folder, seals it with `manifest` and keeps it as the artifacts of release `manifest.releaseID`.
    ///
    /// Nothing is kept of what `body` could not finish, and nothing is seen before all of it is kept.
    func publish<Result>(
        _ manifest: Manifest, _ body: (ArtifactFolder) throws -> Result
    ) throws -> (folder: ArtifactFolder, checksum: String, result: Result)

    /// Removes the artifacts of a release; nothing happens where there are none.
    func remove(_ release: Release) throws
}

extension ArtifactStore {
    /// The models of a release, verified.
    package func bundle(
        of release: Release, options: InferenceOptions = InferenceOptions()
    ) throws -> ModelBundle {
        try ModelBundle(folder: try open(release).folder, options: options)
    }
}
