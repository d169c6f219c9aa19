import CascadeTestSupport
import Testing

@testable import CascadePostgres

@Suite struct PostgresListenerTests {
    @Test func notificationsArriveAlsoAfterAReconnect() async throws {
        try await TestDatabase.with { database in
            let listener = try PostgresListener(database.configuration, channels: ["releases", "odd \"name\""])
            var events = listener.events.makeAsyncIterator()
            #expect(await events.next() == .listening(again: false))
            try await database.pool.execute("SELECT pg_notify('releases', 'r1')")
            #expect(await events.next() == .notification(channel: "releases", payload: "r1"))
            try await database.pool.execute("SELECT pg_notify('odd \"name\"', \("ü '"))")
            #expect(await events.next() == .notification(channel: "odd \"name\"", payload: "ü '"))

            try await database.pool.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """)
            guard case .interrupted = await events.next() else {
                Issue.record("no word of the lost connection")
                return
            }
            #expect(await events.next() == .listening(again: true))
            try await database.pool.execute("NOTIFY releases, 'r2'")
            #expect(await events.next() == .notification(channel: "releases", payload: "r2"))
            listener.stop()
            #expect(await events.next() == nil)
        }
    }

    @Test func aListenerThatCannotConnectSaysSoAndStops() async throws {
        let configuration = PostgresConfiguration(socketDirectory: "/tmp/no-such-directory", user: "a", database: "a")
        let listener = try PostgresListener(configuration, channels: ["a"])
        var events = listener.events.makeAsyncIterator()
        for _ in 0..<2 {
            guard case .interrupted(.connectionRefused) = await events.next() else {
                Issue.record("no word of the refusal")
                return
            }
        }
        listener.stop()
        while await events.next() != nil {}
    }

    @Test func aListenerThatIsLetGoEndsItsStream() async throws {
        try await TestDatabase.with { database in
            var listener: PostgresListener? = try PostgresListener(database.configuration, channels: ["a"])
            let events = listener?.events
            listener = nil
            if let events { for await _ in events {} }
        }
    }

    @Test func aSubscriberThatFellBehindIsToldToCatchUp() async {
        var (stream, feed) = ListenerFeed.make(limit: 3) {}
        func note(_ number: Int) -> ListenerEvent { .notification(channel: "a", payload: String(number)) }
        for number in 1...5 { feed.deliver(note(number)) }
        var events = stream.makeAsyncIterator()
        for number in 1...3 { #expect(await events.next() == note(number)) }
        for number in 6...7 { feed.deliver(note(number)) }
        #expect(await events.next() == .listening(again: true))
        for number in 6...7 { #expect(await events.next() == note(number)) }
        feed.finish()
        #expect(await events.next() == nil)
    }
}
