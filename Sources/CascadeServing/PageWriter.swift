package import CascadeCore
package import Logging
import ServiceLifecycle
import Synchronization

/// Writes what next pages are made from behind the answers, many at a time.
///
/// A page can be read from this process as soon as it was offered, and by other servers once it is written, which takes
/// milliseconds. While the store is away pages wait and are tried again; those that waited for a minute are dropped and counted, and
/// a full queue takes no more.
package final class PageWriter: PageKeeping, Service {
    /// Pages of one write.
    private static let batch = 200

    private struct State {
        /// In the order in which they came.
        var waiting: [SlatePage] = []
        var byID: [String: SlatePage] = [:]
        var lost = 0
    }

    private let store: any PageStore
    private let capacity: Int
    private let longestWait: Double
    private let pause: Duration
    private let logger: Logger
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let isEnding = Atomic<Bool>(false)

    /// - Parameters:
    ///   - capacity: pages that may wait.
    ///   - longestWait: seconds after which a page that could not be written is dropped.
    ///   - pause: between two tries while writing fails.
    package init(
        store: any PageStore, capacity: Int = 10_000, longestWait: Double = 60, pause: Duration = .seconds(1),
        logger: Logger
    ) {
        self.store = store
        self.capacity = capacity
        self.longestWait = longestWait
        self.pause = pause
        self.logger = logger
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Pages that were dropped.
    package var dropped: Int { state.withLock { $0.lost } }

    package func offer(_ page: SlatePage) -> Bool {
        let isTaken = state.withLock { state in
            guard state.waiting.count < capacity else {
                state.lost += 1
                return false
            }
            state.waiting.append(page)
            state.byID[page.recommendationID] = page
            return true
        }
        if isTaken { wake.yield() }
        return isTaken
    }

    package func page(_ recommendationID: String) async throws -> SlatePage? {
        if let waiting = state.withLock({ $0.byID[recommendationID] }) { return waiting }
        return try await store.page(recommendationID)
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in wakes { await writeAll() }
            // What came with the last requests.
            await writeAll()
        } onGracefulShutdown: {
            self.isEnding.store(true, ordering: .relaxed)
            self.wake.finish()
        }
    }

    /// Writes what waits; tries again while the store is away, unless the server ends.
    private func writeAll() async {
        var isFailing = false
        while true {
            let pages = state.withLock { Array($0.waiting.prefix(Self.batch)) }
            if pages.isEmpty { return }
            do {
                try await store.put(pages)
                remove(pages.count)
                isFailing = false
            } catch {
                if !isFailing { logger.warning("next pages are not kept", metadata: ["error": "\(error)"]) }
                isFailing = true
                dropOld()
                guard !isEnding.load(ordering: .relaxed), (try? await Task.sleep(for: pause)) != nil else { return }
            }
        }
    }

    /// Only `run` removes, and from the front, so the first pages are those that were read before.
    private func remove(_ count: Int) {
        state.withLock { state in
            for page in state.waiting.prefix(count) { state.byID[page.recommendationID] = nil }
            state.waiting.removeFirst(count)
        }
    }

    private func dropOld() {
        let end = Timestamp.now.adding(seconds: -longestWait)
        let old = state.withLock { state in
            let old = state.waiting.prefix { $0.createdAt < end }.count
            state.lost += old
            return old
        }
        if old > 0 { remove(old) }
    }
}
