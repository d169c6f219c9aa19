import CPostgres
import Foundation
package import Logging
import Synchronization

/// Waits for NOTIFY on a thread and a connection of its own, and connects again by itself.
///
///     let listener = try PostgresListener(configuration, channels: ["releases"])
///     for await event in listener.events { … }
///
/// `events` has one consumer. It ends after `stop`, which also happens when the listener is let go.
package final class PostgresListener: Sendable {
    /// What happened, in order.
    package let events: AsyncStream<ListenerEvent>
    private let interruption: Interruption

    /// Starts listening; failures to connect arrive as events. Throws only when this process has no descriptors left.
    package init(
        _ configuration: PostgresConfiguration, channels: [String],
        logger: Logger = Logger(label: "cascade.postgres")
    ) throws(PostgresError) {
        let session = try PostgresSession(configuration: configuration, logger: logger)
        let interruption = Interruption(session.signal)
        session.interruption = interruption
        // A subscriber that is this far behind is told to catch up instead.
        let (stream, feed) = ListenerFeed.make(limit: 4096) { interruption.raise() }
        events = stream
        self.interruption = interruption
        let loop = ListenerLoop(session, channels: channels, feed)
        let thread = Thread { loop.run(until: interruption) }
        thread.name = "postgres-listen"
        thread.start()
    }

    deinit { interruption.raise() }

    /// Ends the thread and with it the stream.
    package func stop() { interruption.raise() }
}
