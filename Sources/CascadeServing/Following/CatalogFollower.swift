import CascadeCore
import Logging
import Synchronization

/// Keeps the delta of the served release at what the catalog holds now.
///
/// Its calls are made one after another; see `ReleaseFollower`.
actor CatalogFollower {
    private let store: any CatalogChangeStore
    private let limit: Int
    private let pool: ComputePool
    private let logger: Logger
    private var builder: DeltaBuilder?
    private var cursor: CatalogCursor?
    private var isFailing = false

    /// Whether there is something to keep up, and the last look succeeded.
    var isFollowing: Bool { builder != nil && !isFailing }

    private var toldOfWaiting = false
    private var toldOfUnusable = 0
    private var toldOfLost: [String] = []

    init(store: any CatalogChangeStore, limit: Int, pool: ComputePool, logger: Logger) {
        self.store = store
        self.limit = limit
        self.pool = pool
        self.logger = logger
    }

    /// Takes changes in on the thread that reads them.
    private final class Taking: Sendable {
        private let state: Mutex<DeltaBuilder>

        init(_ builder: DeltaBuilder) { state = Mutex(builder) }

        var builder: DeltaBuilder { state.withLock { $0 } }

        func take(_ change: CatalogChange) { state.withLock { $0.take(change) } }

        func take(_ declared: [VectorDefinition]) -> Bool { state.withLock { $0.take(declared) } }
    }

    /// Begins to follow for a release, with all that differs from its catalog.
    ///
    /// Where the database cannot tell, the release is served as it was built, and `advance` makes up for it.
    func begin(_ loaded: LoadedRelease) async throws -> CatalogDelta {
        let (builder, delta) = try await finish(DeltaBuilder(loaded, limit: limit))
        self.builder = builder
        cursor = nil
        toldOfWaiting = false
        toldOfUnusable = 0
        toldOfLost = []
        return await advance() ?? delta
    }

    /// Follows nothing any more, and holds nothing.
    func end() {
        builder = nil
        cursor = nil
    }

    /// The delta with what changed since the last time; nil when nothing did, or the database cannot tell.
    func advance() async -> CatalogDelta? {
        guard let former = builder else { return nil }
        do {
            let (taken, next) = try await takeChanges(former)
            var delta: CatalogDelta?
            if taken.version == former.version {
                builder = taken
            } else {
                (builder, delta) = try await finish(withVectors(taken))
            }
            cursor = next
            isFailing = false
            tell()
            return delta
        } catch {
            if !isFailing {
                logger.warning("changes of the catalog cannot be followed", metadata: ["error": "\(error)"])
            }
            isFailing = true
            return nil
        }
    }

    /// The builder with what changed, and how far that goes.
    private func takeChanges(_ former: DeltaBuilder) async throws -> (DeltaBuilder, CatalogCursor) {
        let taking = Taking(former)
        // Items that found no room are behind the cursor: once there is room, all changes are read again.
        let next = try await store.changes(since: former.hasRoomAgain ? nil : cursor) { taking.take($0) }
        let taken = taking.builder
        guard taken.readsVectors, taken.version != former.version || !taken.lostKinds.isEmpty else {
            return (taken, next)
        }
        // Asked after the changes were read: a kind that is deleted changes all its items at the same moment, and these
        // must not be taken for items that show nothing any more.
        let declared = try await store.vectorDefinitions()
        let again = Taking(former)
        guard again.take(declared) else { return (taken, next) }
        let end = try await store.changes(since: nil) { again.take($0) }
        return (again.builder, end)
    }

    /// The builder with the content vectors that its new items have.
    private func withVectors(_ builder: DeltaBuilder) async throws -> DeltaBuilder {
        let items = builder.lacksVectors
        if items.isEmpty { return builder }
        let found = Found()
        try await store.itemVectors(builder.vectorKinds, of: items) { found.add($0) }
        var builder = builder
        builder.take(found.all)
        return builder
    }

    /// Collects vectors on the thread that reads them.
    private final class Found: Sendable {
        private let vectors = Mutex<[ItemVector]>([])

        var all: [ItemVector] { vectors.withLock { $0 } }

        func add(_ vector: ItemVector) { vectors.withLock { $0.append(vector) } }
    }

    private func finish(_ builder: DeltaBuilder) async throws -> (DeltaBuilder, CatalogDelta) {
        try await pool.run { _ in
            var builder = builder
            let delta = try builder.delta()
            return (builder, delta)
        }
    }

    /// Says what cannot be served, once.
    private func tell() {
        guard let builder else { return }
        if !builder.waiting.isEmpty, !toldOfWaiting {
            logger.warning(
                "the delta index is full: further changes wait; run 'cascade index rebuild' or raise serving.delta_limit",
                metadata: ["limit": "\(limit)", "waiting": "\(builder.waiting.count)"])
        }
        toldOfWaiting = !builder.waiting.isEmpty
        let lost = builder.lostKinds
        if !lost.isEmpty, lost != toldOfLost {
            logger.warning(
                "content vectors that the models read were deleted or have another width: items keep those of the release; run 'cascade train'",
                metadata: ["vectors": "\(lost.joined(separator: ", "))"])
        }
        toldOfLost = lost
        if builder.unusable.count > toldOfUnusable, let item = builder.unusable.keys.first {
            logger.warning(
                "the model gives items no usable vector; look at their numbers",
                metadata: ["items": "\(builder.unusable.count)", "one": "\(item)"])
        }
        toldOfUnusable = builder.unusable.count
    }
}
