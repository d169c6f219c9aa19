import CascadeCore
import CascadeIndex
import ServiceLifecycle
import Synchronization

/// Measures how much of the truth the searches of the served index find: a share of them is searched exactly too, with
/// the same filter, on a thread of its own, behind the answers.
package final class RecallMonitor: Service {
    /// A search that was made.
    struct Search: Sendable {
        let loaded: LoadedRelease
        let effort: Int
        let vector: [Float]
        let filter: IndexFilter?
        let k: Int
        let found: [Neighbor]
    }

    /// What recent searches found.
    package struct Status: Hashable, Sendable {
        /// The share of the true first k that was found, over recent searches; nil before the first.
        package var recall: Double?
        /// Searches that were measured since the start.
        package var samples = 0
    }

    private struct State {
        var releaseID = ""
        var effort = 0
        var recent: [(hits: Int, wanted: Int)] = []
        var next = 0
        var samples = 0
    }

    /// Searches that the share is taken over.
    private static let window = 200
    /// Searches that may wait to be measured; more are left out, so that a burst costs nothing.
    private static let waiting = 4

    private let rate: Double
    private let pool = ComputePool(threads: 1, name: "recall")
    private let stream: AsyncStream<Search>
    private let continuation: AsyncStream<Search>.Continuation
    private let state = Mutex(State())

    /// - Parameter rate: the share of searches to measure, from 0 (none) to 1.
    package init(rate: Double) {
        self.rate = rate
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
    }

    deinit { pool.shutdown() }

    package var status: Status {
        state.withLock { state in
            let hits = state.recent.reduce(0) { $0 + $1.hits }
            let wanted = state.recent.reduce(0) { $0 + $1.wanted }
            return Status(recall: wanted == 0 ? nil : Double(hits) / Double(wanted), samples: state.samples)
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
        state.withLock { state in
            if state.releaseID != search.loaded.release.id || state.effort != search.effort {
                // What another index found says nothing of this one.
                state.releaseID = search.loaded.release.id
                state.effort = search.effort
                state.recent = []
                state.next = 0
            }
            if state.recent.count < Self.window {
                state.recent.append(counted)
            } else {
                state.recent[state.next] = counted
                state.next = (state.next + 1) % Self.window
            }
            state.samples += 1
        }
    }

    /// How many of the true rows were found; a row that scores as high as the last of them is as good (see `measureRecall`).
    private static func count(_ search: Search) throws -> (hits: Int, wanted: Int) {
        let truth = try search.loaded.index.exact.search(search.vector, k: search.k, filter: search.filter)
        guard let last = truth.last else { return (0, 0) }
        let threshold = last.score - 1e-6 * max(1, abs(last.score))
        let rows = Set(truth.map(\.row))
        let hits = search.found.count { rows.contains($0.row) || $0.score >= threshold }
        return (min(hits, truth.count), truth.count)
    }
}
