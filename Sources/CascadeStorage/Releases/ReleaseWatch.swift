import CascadeCore
import CascadePostgres
import Logging
import Synchronization

/// Tells when the active release may have changed: by notification, with polling as the net behind it.
enum ReleaseWatch {
    /// Starts watching; ends with the stream's consumer.
    static func stream(_ store: PostgresReleaseStore, pollEvery interval: Duration) -> AsyncStream<Void> {
        // One element that is waiting already says all that a second could.
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watcher = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await listen(store, continuation) }
                group.addTask { await poll(store, every: interval, continuation) }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in watcher.cancel() }
        return stream
    }

    private static func listen(_ store: PostgresReleaseStore, _ continuation: AsyncStream<Void>.Continuation) async {
        let listener: PostgresListener
        do {
            listener = try PostgresListener(
                store.listening, channels: [PostgresReleaseStore.channel], logger: store.logger)
        } catch {
            store.logger.warning("releases are followed by polling only", metadata: ["error": "\(error)"])
            return
        }
        defer { listener.stop() }
        for await event in listener.events {
            switch event {
            case .listening, .notification: continuation.yield()
            case .interrupted(let error):
                store.logger.debug("listening for releases was interrupted", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Looks at the active release and the one beside it again and again; a database that is away is tried again at the next turn.
    private static func poll(
        _ store: PostgresReleaseStore, every interval: Duration, _ continuation: AsyncStream<Void>.Continuation
    ) async {
        var last: [Release?] = [nil, nil]
        while !Task.isCancelled {
            if let found = try? await [store.activeRelease(), store.shadowRelease()], found != last {
                last = found
                continuation.yield()
            }
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }
}
