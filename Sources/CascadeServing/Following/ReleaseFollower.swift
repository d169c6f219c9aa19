package import CascadeCore
package import CascadeModels
import CascadePipeline
import Foundation
package import Logging
import ServiceLifecycle

/// Keeps a snapshot at the active release, or at the one scored beside it, and the present catalog: loads the release at the
/// start and after every activation, and takes in what changed in the catalog, many times a minute.
///
/// A release that cannot be loaded is told in the log and by `ReleaseHolder.problem`; the former one stays.
package struct ReleaseFollower: Service {
    /// Which release is followed.
    package enum Role: Sendable {
        case active
        /// The one that is scored beside the active one; there may be none.
        case shadow
        /// One that an arm of an A/B test serves beside the active one.
        case named(String)
    }

    private let role: Role
    private let releases: any ReleaseStore
    private let artifacts: any ArtifactStore
    private let configHash: String
    private let creatorAttribute: String
    private let quotas: InterestQuotas?
    private let holder: ReleaseHolder
    private let pool: ComputePool
    private let monitor: RecallMonitor?
    private let logger: Logger
    private let settings: ServingSettings
    private let counters: (any WindowedCounterStore)?
    private let catalog: CatalogFollower
    private let turns = Turns()

    /// - Parameters:
    ///   - creatorAttribute: the attribute that names the creators of an item; empty takes `Item.creatorID`.
    ///   - quotas: how requests are shared out among interests; nil: as each release was trained to.
    ///   - counters: what is counted over windows of time; nil serves as if nothing were counted.
    ///   - monitor: measures the searches of the served index, where there is one.
    package init(
        _ role: Role = .active, releases: any ReleaseStore, catalog: any CatalogChangeStore,
        artifacts: any ArtifactStore,
        configHash: String,
        creatorAttribute: String = "", holder: ReleaseHolder, pool: ComputePool,
        settings: ServingSettings = ServingSettings(), quotas: InterestQuotas? = nil,
        counters: (any WindowedCounterStore)? = nil, monitor: RecallMonitor? = nil,
        logger: Logger
    ) {
        self.role = role
        self.releases = releases
        self.artifacts = artifacts
        self.configHash = configHash
        self.creatorAttribute = creatorAttribute
        self.quotas = quotas
        self.holder = holder
        self.pool = pool
        self.monitor = monitor
        self.logger = logger
        self.settings = settings
        self.counters = counters
        self.catalog = CatalogFollower(store: catalog, limit: settings.deltaLimit, pool: pool, logger: logger)
    }

    package func run() async throws {
        await refresh()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in releases.activations().cancelOnGracefulShutdown() { await refresh() }
            }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    while (try? await Task.sleep(for: .milliseconds(settings.deltaPollMilliseconds))) != nil {
                        await follow()
                    }
                }
            }
        }
    }

    /// Loads the release unless it is there already.
    package func refresh() async { await turns.take { await load() } }

    /// Takes in what changed in the catalog since the last time.
    package func follow() async {
        await turns.take {
            let began = ContinuousClock.now
            if let delta = await catalog.advance() { holder.update { $0.with(delta: delta) } }
            if await catalog.isFollowing { holder.markFollowed(at: began) }
        }
    }

    /// Takes factors over before anything is loaded: they hold for whatever is served, also while a release cannot be.
    private func follow(_ factors: HeadFactors?) {
        guard let current = holder.current, current.release.headFactors != factors else { return }
        logger.info(
            "factors of heads changed",
            metadata: [
                "version": "\(factors.map { "\($0.version)" } ?? "none")", "factors": "\(factors?.factors ?? [:])",
            ])
        holder.update { snapshot in
            var release = snapshot.release
            release.headFactors = factors
            return snapshot.with(release: release)
        }
    }

    private func load() async {
        do {
            guard let active = try await followed() else { return await leave() }
            follow(active.headFactors)
            if let current = holder.current, active.id == current.stamp.releaseID {
                if current.release.efSearch != active.efSearch {
                    let effort = active.efSearch ?? current.indexFigures.efSearch
                    logger.info("search effort changed", metadata: ["ef_search": "\(effort)"])
                }
                holder.swap(current.with(release: active))
                return
            }
            let options = settings.inference
            let loaded = try await pool.run { [artifacts, configHash, creatorAttribute, quotas] _ in
                try LoadedRelease(
                    active, artifacts: artifacts, configHash: configHash, creatorAttribute: creatorAttribute,
                    quotas: quotas, options: options)
            }
            let delta = try await catalog.begin(loaded)
            let reader = counters.flatMap { CounterReader(loaded, store: $0, pool: pool, settings: settings) }
            holder.swap(
                ReleaseSnapshot(loaded, release: active, delta: delta, monitor: monitor, counters: reader))
            logger.info(
                role.loaded,
                metadata: [
                    "release_id": "\(active.id)", "delta_items": "\(delta.servedCount)",
                    "withdrawn_items": "\(delta.withdrawnCount)", "ranker_products": "\(options.products)",
                ])
        } catch {
            holder.fail("\(error)")
            logger.error(
                role.failed,
                metadata: ["error": "\(error)"])
        }
    }

    private func followed() async throws -> Release? {
        switch role {
        case .active: try await releases.activeRelease()
        case .shadow: try await releases.shadowRelease()
        case .named(let id): try await named(id)
        }
    }

    /// A release by its identifier, with what heads count for now.
    private func named(_ id: String) async throws -> Release? {
        guard var release = try await releases.release(id) else {
            holder.fail("there is no release \(id)")
            return nil
        }
        guard [.ready, .active, .retired].contains(release.state) else {
            throw ServingError.mismatchedRelease(id: id, reason: "it is \(release.state.rawValue) and cannot be served")
        }
        release.headFactors = try await releases.activeRelease()?.headFactors
        return release
    }

    /// Lets go of the shadow release. An active one, and one that is named, is served until there is another.
    private func leave() async {
        guard case .shadow = role, holder.current != nil else { return }
        holder.swap(nil)
        await catalog.end()
        logger.info("no release is a shadow any more")
    }
}

extension ReleaseFollower.Role {
    /// What the log says where it is loaded.
    fileprivate var loaded: Logger.Message {
        switch self {
        case .active: "release activated"
        case .shadow: "shadow release loaded"
        case .named: "release of an A/B test loaded"
        }
    }

    /// What the log says where it cannot be.
    fileprivate var failed: Logger.Message {
        switch self {
        case .active: "the active release cannot be served"
        case .shadow: "the shadow release cannot be scored"
        case .named: "the release of an A/B test cannot be served"
        }
    }
}
