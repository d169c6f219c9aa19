import CascadeCore
import CascadeIndex
import ServiceLifecycle
import Synchronization

/// Measures how much of the truth the searches of the served indexes find: a share of them is searched exactly too, with
/// the same filter, on a thread of its own, behind the answers.
package final class RecallMonitor: Service {
    /// What is searched, each measured by itself.
    package enum Index: String, Hashable, Sendable, CaseIterable {
        /// The index of all items.
        case items
        /// The graphs of the clusters of a release with interests; a cluster without one is searched exactly anyway.
        case interests
    }

    /// A search that was made.
    struct Search: Sendable {
        /// Where it went.
        enum Place: Sendable {
            case items(filter: IndexFilter?)
            case interests(LoadedInterests, ClusteredIndex.Scope)
        }

        let loaded: LoadedRelease
        let place: Place
        /// Nil for that of the index.
        let effort: Int?
        let vector: [Float]
        let k: Int
        let found: [Neighbor]

        var index: Index {
            switch place {
            case .items: .items
            case .interests: .interests
            }
        }

        fileprivate func truth() throws -> [Neighbor] {
            switch place {
            case .items(let filter): try loaded.index.exact.search(vector, k: k, filter: filter)
            case .interests(let interests, let scope):
                try interests.index.exactSearch(scope, query: vector[...], k: k)
            }
        }
    }

    /// What recent searches found.
    package struct Status: Hashable, Sendable {
        /// The share of the true first k that was found, over recent searches; nil before the first.
        package var recall: Double?
        /// Searches that were measured since the start.
        package var samples = 0
    }

    /// What is known of one index.
    private struct Window {
        var releaseID = ""
        var effort: Int?
        var recent: [(hits: Int, wanted: Int)] = []
        var next = 0
        var samples = 0

        mutating func add(_ counted: (hits: Int, wanted: Int), of search: Search) {
            if releaseID != search.loaded.release.id || effort != search.effort {
                // What another index found says nothing of this one.
                releaseID = search.loaded.release.id
                effort = search.effort
                recent = []
                next = 0
            }
            if recent.count < RecallMonitor.window {
                recent.append(counted)
            } else {
                recent[next] = counted
                next = (next + 1) % RecallMonitor.window
            }
            samples += 1
        }
    }

    /// Searches that the share is taken over.
    private static let window = 200
    /// Searches that may wait to be measured; more are left out, so that a burst costs nothing.
    private static let waiting = 4

    private let rate: Double
    private let pool = ComputePool(threads: 1, name: "recall")
    private let stream: AsyncStream<Search>
    private let continuation: AsyncStream<Search>.Continuation
    private let windows = Mutex<[Index: Window]>([:])

    /// - Parameter rate: the share of searches to measure, from 0 (none) to 1.
    package init(rate: Double) {
        self.rate = rate
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
    }

    deinit { pool.shutdown() }

    /// What the recent searches of an index found.
    package func status(of index: Index) -> Status {
        windows.withLock { windows in
            guard let window = windows[index] else { return Status() }
            let hits = window.recent.reduce(0) { $0 + $1.hits }
            let wanted = window.recent.reduce(0) { $0 + $1.wanted }
            return Status(recall: wanted == 0 ? nil : Double(hits) / Double(wanted), samples: window.samples)
        }
    }

    /// Takes a search to measure, if it is its turn; waits for nothing.
    func offer(_ search: Search) {
        guard rate > 0, rate >= 1 || Double.random(in: 0..<1) < rate else { return }
        continuation.yield(search)
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            for await search in stream { await measure(search) }
        } onGracefulShutdown: { [continuation] in
            continuation.finish()
        }
    }

    /// Searches exactly and takes the result in.
    func measure(_ search: Search) async {
        let counted = try? await pool.run { _ in try Self.count(search) }
        guard let counted, counted.wanted > 0 else { return }
        windows.withLock { $0[search.index, default: Window()].add(counted, of: search) }
    }

    /// How many of the true rows were found; a row that scores as high as the last of them is as good (see `measureRecall`).
    private static func count(_ search: Search) throws -> (hits: Int, wanted: Int) {
        let truth = try search.truth()
        guard let last = truth.last else { return (0, 0) }
        let threshold = last.score - 1e-6 * max(1, abs(last.score))
        let rows = Set(truth.map(\.row))
        let hits = search.found.count { rows.contains($0.row) || $0.score >= threshold }
        return (min(hits, truth.count), truth.count)
    }
}
