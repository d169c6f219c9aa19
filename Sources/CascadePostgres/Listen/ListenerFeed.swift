/// Puts events into the stream of a listener, and tells a subscriber who fell behind to catch up.
struct ListenerFeed {
    private let continuation: AsyncStream<ListenerEvent>.Continuation
    private var hasDropped = false

    init(_ continuation: AsyncStream<ListenerEvent>.Continuation) { self.continuation = continuation }

    /// A stream that holds `limit` events, and its feed.
    static func make(
        limit: Int, onEnd: @escaping @Sendable () -> Void
    ) -> (events: AsyncStream<ListenerEvent>, feed: ListenerFeed) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ListenerEvent.self, bufferingPolicy: .bufferingOldest(limit))
        continuation.onTermination = { _ in onEnd() }
        return (stream, ListenerFeed(continuation))
    }

    /// Hands on an event. What finds the stream full is dropped; when there is room again, `.listening` comes first.
    mutating func deliver(_ event: ListenerEvent) {
        if hasDropped, case .enqueued = continuation.yield(.listening(again: true)) { hasDropped = false }
        if hasDropped { return }
        if case .dropped = continuation.yield(event) { hasDropped = true }
    }

    func finish() { continuation.finish() }
}
