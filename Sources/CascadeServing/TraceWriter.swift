package import CascadeCore
package import CascadePipeline
package import Logging
import ServiceLifecycle
import Synchronization

/// Writes the traces of requests behind the answers, many at a time; when writing falls behind, traces are dropped and counted.
package final class TraceWriter: TraceSink, Service {
    /// Traces of one write.
    private static let batch = 64

    /// A trace as it is stored.
    package struct Written: Sendable {
        package let recommendationID: String
        package let userID: UserID?
        package let releaseID: String?
        package let json: String
    }

    private struct State {
        /// In the order in which they came.
        var waiting: [PendingTrace] = []
        var lost = 0
        /// Whether nobody writes any more.
        var isEnded = false
    }

    private let capacity: Int
    private let write: @Sendable ([Written]) async throws -> Void
    private let logger: Logger
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - capacity: traces that may wait.
    ///   - write: stores traces, all or none of them.
    package init(
        capacity: Int = 1000, logger: Logger, write: @escaping @Sendable ([Written]) async throws -> Void
    ) {
        self.capacity = capacity
        self.write = write
        self.logger = logger
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Traces that were dropped or could not be written.
    package var dropped: Int { state.withLock { $0.lost } }

    package func offer(_ trace: PendingTrace) -> Bool {
        let isTaken = state.withLock { state in
            guard state.waiting.count < capacity, !state.isEnded else {
                state.lost += 1
                return false
            }
            state.waiting.append(trace)
            return true
        }
        if isTaken { wake.yield() }
        return isTaken
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in wakes { await writeAll() }
            // What came with the last requests; nobody takes what comes later.
            state.withLock { $0.isEnded = true }
            await writeAll()
        } onGracefulShutdown: {
            self.end()
        }
    }

    /// Has `run` return once what waits is written.
    func end() { wake.finish() }

    private func writeAll() async {
        while true {
            let traces = state.withLock { state in
                let first = Array(state.waiting.prefix(Self.batch))
                state.waiting.removeFirst(first.count)
                return first
            }
            if traces.isEmpty { return }
            await store(traces)
        }
    }

    private func store(_ traces: [PendingTrace]) async {
        let written = traces.compactMap { trace -> Written? in
            do {
                return Written(
                    recommendationID: trace.recommendationID, userID: trace.userID, releaseID: trace.releaseID,
                    json: try trace.json())
            } catch {
                lose(error)
                return nil
            }
        }
        do {
            if !written.isEmpty { try await write(written) }
        } catch {
            guard written.count > 1 else { return lose(error) }
            await storeEach(written)
        }
    }

    /// One by one, so that one that cannot be stored takes no other along; where two in a row fail, it is not for what they are.
    private func storeEach(_ written: [Written]) async {
        var failures = 0
        for (place, one) in written.enumerated() {
            do {
                try await write([one])
                failures = 0
            } catch {
                failures += 1
                lose(error)
                guard failures < 2 else { return state.withLock { $0.lost += written.count - place - 1 } }
            }
        }
    }

    private func lose(_ error: any Error) {
        state.withLock { $0.lost += 1 }
        logger.warning("a trace was not stored", metadata: ["error": "\(error)"])
    }
}
