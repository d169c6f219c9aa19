package import CascadeCore
import CascadeFeatures
import CascadeModels

/// Reads the counts of one release's definition: what was read a moment ago from memory, the rest in one query.
package final class CounterReader: Sendable {
    let definition: WindowedCounters
    let layout: WindowedLayout
    let pool: ComputePool
    private let store: any WindowedCounterStore
    private let cache: CounterCache
    private let lifetime: Duration

    /// Nil for a release that counts nothing over windows of time.
    package convenience init?(
        _ loaded: LoadedRelease, store: any WindowedCounterStore, pool: ComputePool, settings: ServingSettings
    ) {
        guard let layout = loaded.bundle.map.windowedLayout, loaded.bundle.ranker != nil else { return nil }
        self.init(layout, store: store, pool: pool, settings: settings)
    }

    init(
        _ layout: WindowedLayout, store: any WindowedCounterStore, pool: ComputePool, settings: ServingSettings
    ) {
        self.layout = layout
        definition = layout.definition
        self.store = store
        self.pool = pool
        cache = CounterCache(limit: settings.counterCache)
        lifetime = .milliseconds(settings.counterPollMilliseconds)
    }

    /// The counts of each of `keys`, none read longer ago than the poll time.
    func counts(_ keys: [CounterKey], at moment: Timestamp) async throws -> [[Int32]] {
        let now = ContinuousClock.now
        let known = cache.entries(keys)
        let missing = zip(keys, known).filter { $1.map { now - $0.readAt >= lifetime } ?? true }.map(\.0)
        guard !missing.isEmpty else { return known.compactMap { $0?.counts } }
        let read = try await store.counts(missing, of: definition, at: moment)
        let pairs = Array(zip(missing, read))
        cache.put(pairs.map { (key: $0, counts: $1) }, readAt: now)
        let fresh = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
        return zip(keys, known).map { key, entry in fresh[key] ?? entry?.counts ?? [] }
    }

    /// The counts of each of `keys` that are still in memory, however old.
    func lastKnown(_ keys: [CounterKey]) -> [[Int32]?] { cache.entries(keys).map { $0?.counts } }

    /// Keys in memory.
    package var cachedKeys: Int { cache.count }
}
