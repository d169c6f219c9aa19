import CPostgres
import Foundation

/// The thread of a listener: connect, LISTEN, hand on, and again from the start after a failure.
final class ListenerLoop: @unchecked Sendable {  // why: used by the one thread that runs it
    private let session: PostgresSession
    private let channels: [String]
    private var feed: ListenerFeed
    private var hasListened = false
    private var failures = 0

    /// How often a silent connection is tried, since a peer that vanished says nothing.
    private static let probeInterval: Duration = .seconds(30)
    private static let probeTimeout: Duration = .seconds(10)

    init(_ session: PostgresSession, channels: [String], _ feed: ListenerFeed) {
        self.session = session
        self.channels = channels
        self.feed = feed
    }

    func run(until interruption: Interruption) {
        while !interruption.isRaised {
            do throws(PostgresError) {
                try session.open()
                for channel in channels { try session.script("LISTEN \(SQL.quoted(identifier: channel))") }
                feed.deliver(.listening(again: hasListened))
                hasListened = true
                failures = 0
                while !interruption.isRaised { try receive() }
            } catch {
                if interruption.isRaised { break }
                feed.deliver(.interrupted(error))
                pause(interruption)
            }
        }
        session.close()
        feed.finish()
    }

    /// Waits for notifications, at most until the connection should be tried, and hands them on.
    private func receive() throws(PostgresError) {
        handOn()
        let heard = try session.waitForNotice(atMost: Self.probeInterval)
        handOn()
        if !heard { try session.script("SELECT 1", timeout: Self.probeTimeout) }
    }

    private func handOn() {
        while let notification = PQnotifies(session.connection) {
            feed.deliver(
                .notification(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
    }

    /// Waits before the next attempt: 50 ms, 100 ms, … up to two seconds.
    private func pause(_ interruption: Interruption) {
        let end = ContinuousClock.now.advanced(by: .milliseconds(min(2000, 50 << min(failures, 6))))
        failures += 1
        while !interruption.isRaised, end > .now {
            let left = ContinuousClock.now.duration(to: end)
            var entry = pollfd(fd: session.signal.descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(
                &entry, 1,
                Int32(left.components.attoseconds / 1_000_000_000_000_000 + left.components.seconds * 1000) + 1)
            session.signal.drain()
        }
    }
}
