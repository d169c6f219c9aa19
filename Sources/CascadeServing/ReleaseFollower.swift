package import CascadeCore
import CascadePipeline
package import Foundation
package import Logging
import ServiceLifecycle

/// Keeps the served snapshot at the active release: loads it at the start, then after every activation.
///
/// A release that cannot be loaded is told in the log and by `ReleaseHolder.problem`; the former one stays.
package struct ReleaseFollower: Service {
    private let releases: any ReleaseStore
    private let directory: URL
    private let configHash: String
    private let creatorAttribute: String
    private let holder: ReleaseHolder
    private let pool: ComputePool
    private let logger: Logger

    package init(
        releases: any ReleaseStore, directory: URL, configHash: String, creatorAttribute: String = "",
        holder: ReleaseHolder, pool: ComputePool, logger: Logger
    ) {
        self.releases = releases
        self.directory = directory
        self.configHash = configHash
        self.creatorAttribute = creatorAttribute
        self.holder = holder
        self.pool = pool
        self.logger = logger
    }

    package func run() async throws {
        await refresh()
        for await _ in releases.activations().cancelOnGracefulShutdown() { await refresh() }
    }

    /// Loads the active release unless it is served already.
    package func refresh() async {
        do {
            guard let active = try await releases.activeRelease() else { return }
            guard active.id != holder.current?.stamp.releaseID else { return }
            let snapshot = try await pool.run { [directory, configHash, creatorAttribute] _ in
                try ReleaseSnapshot(
                    active, directory: directory, configHash: configHash, creatorAttribute: creatorAttribute)
            }
            holder.swap(snapshot)
            logger.info("release activated", metadata: ["release_id": "\(active.id)"])
        } catch {
            holder.fail("\(error)")
            logger.error("the active release cannot be served", metadata: ["error": "\(error)"])
        }
    }
}
