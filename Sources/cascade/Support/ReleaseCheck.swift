import CascadeCore
import CascadeModels
import CascadeServing

/// Looks whether a release is whole and can be served, as before it is made the active one.
enum ReleaseCheck {
    static func verify(_ release: Release, _ session: Session) async throws {
        let compute = ComputePool(threads: 1, name: "verify")
        defer { compute.shutdown() }
        _ = try await compute.run { _ in
            try ReleaseSnapshot(release, artifacts: session.artifacts, configHash: "")
        }
    }
}
