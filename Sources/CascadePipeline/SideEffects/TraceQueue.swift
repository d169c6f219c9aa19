import Synchronization

/// A bounded queue of traces: requests offer, one service drains. A full queue drops the newest and counts it.
package final class TraceQueue: TraceSink {
    /// The traces in the order in which they came; for one reader.
    package let traces: AsyncStream<PipelineTrace>
    private let continuation: AsyncStream<PipelineTrace>.Continuation
    private let drops = Atomic<Int>(0)

    package init(capacity: Int) {
        (traces, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(max(1, capacity)))
    }

    /// How many traces were dropped so far.
    package var dropped: Int { drops.load(ordering: .relaxed) }

    package func offer(_ trace: PipelineTrace) -> Bool {
        if case .enqueued = continuation.yield(trace) { return true }
        drops.add(1, ordering: .relaxed)
        return false
    }

    /// Ends the stream once the waiting traces are read.
    package func finish() { continuation.finish() }
}
