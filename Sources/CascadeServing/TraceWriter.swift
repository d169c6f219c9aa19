import CascadeCore
package import CascadePipeline
import Foundation
package import Logging
import ServiceLifecycle
import Synchronization

/// Writes the traces of requests behind the answers; when writing falls behind, traces are dropped and counted.
package final class TraceWriter: TraceSink, Service {
    private let stream: AsyncStream<PipelineTrace>
    private let continuation: AsyncStream<PipelineTrace>.Continuation
    private let write: @Sendable (PipelineTrace, String) async throws -> Void
    private let logger: Logger
    private let lost = Atomic<Int>(0)

    /// - Parameters:
    ///   - capacity: traces that may wait.
    ///   - write: stores a trace with its JSON.
    package init(
        capacity: Int = 1000, logger: Logger,
        write: @escaping @Sendable (PipelineTrace, String) async throws -> Void
    ) {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
        self.write = write
        self.logger = logger
    }

    /// Traces that were dropped or could not be written.
    package var dropped: Int { lost.load(ordering: .relaxed) }

    package func offer(_ trace: PipelineTrace) -> Bool {
        if case .enqueued = continuation.yield(trace) { return true }
        lost.add(1, ordering: .relaxed)
        return false
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            for await trace in stream { await store(trace) }
        } onGracefulShutdown: { [continuation] in
            continuation.finish()
        }
    }

    private func store(_ trace: PipelineTrace) async {
        do {
            let json = String(decoding: try JSONEncoder().encode(trace), as: UTF8.self)
            try await write(trace, json)
        } catch {
            lost.add(1, ordering: .relaxed)
            logger.warning("a trace was not stored", metadata: ["error": "\(error)"])
        }
    }
}
