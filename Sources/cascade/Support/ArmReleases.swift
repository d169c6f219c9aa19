import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadePipeline
import CascadeServing
import CascadeStorage

/// The releases that arms of A/B tests serve beside the active one, each loaded once and followed like it.
struct ArmReleases: Sendable {
    /// By the release's identifier.
    let holders: [String: ReleaseHolder]
    let followers: [ReleaseFollower]

    /// - Parameter follower: makes the follower of a release.
    init(
        _ tests: ExperimentsSettings, follower: (ReleaseFollower.Role, ReleaseHolder) -> ReleaseFollower
    ) {
        var holders: [String: ReleaseHolder] = [:]
        var followers: [ReleaseFollower] = []
        for id in Self.named(tests) {
            let holder = ReleaseHolder()
            holders[id] = holder
            followers.append(follower(.named(id), holder))
        }
        self.holders = holders
        self.followers = followers
    }

    /// Releases that tests which run name, each once.
    static func named(_ tests: ExperimentsSettings) -> [String] {
        let arms = tests.running.filter { $0.share > 0 }.flatMap(\.arms)
        return Set(arms.compactMap(\.release)).sorted()
    }

    /// What the router asks for.
    var views: [String: @Sendable () -> (any ReleaseView)?] {
        holders.mapValues { holder in { holder.current } }
    }

    /// Loads them all, and refuses to go on without one: an arm that is not served is no arm.
    func load(_ storage: Storage) async throws {
        for follower in followers { await follower.refresh() }
        for (id, holder) in holders.sorted(by: { $0.key < $1.key }) {
            guard let snapshot = holder.current else {
                throw CommandFailure(
                    "experiments: the release \(id) of an arm cannot be served: \(holder.problem ?? "it is not there")")
            }
            try await checkCounted(snapshot, storage)
        }
    }

    /// Counters are kept for the active release, the former one and the shadow alone.
    private func checkCounted(_ snapshot: ReleaseSnapshot, _ storage: Storage) async throws {
        guard snapshot.loaded.bundle.ranker != nil, let layout = snapshot.loaded.bundle.map.windowedLayout else {
            return
        }
        do {
            _ = try await storage.counters.counts([CounterKey(counter: 0, key: "")], of: layout.definition, at: .now)
        } catch {
            let id = snapshot.stamp.releaseID
            throw CommandFailure(
                """
                experiments: what the release \(id) of an arm reads of counters over windows is not counted (\(error)); \
                have it counted with `cascade release shadow \(id)`
                """)
        }
    }
}
