import CascadeCore
import Logging
import Synchronization
import Testing

@testable import CascadeServing

/// Pages in memory, which can be out of reach.
final class MemoryPages: PageStore {
    struct Away: Error {}

    private let state = Mutex((pages: [String: SlatePage](), isAway: false, batches: [Int]()))

    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }
    var ids: Set<String> { state.withLock { Set($0.pages.keys) } }
    var batches: [Int] { state.withLock { $0.batches } }

    func put(_ pages: [SlatePage]) throws {
        try state.withLock { state in
            if state.isAway { throw Away() }
            state.batches.append(pages.count)
            for page in pages { state.pages[page.recommendationID] = page }
        }
    }

    func page(_ recommendationID: String) throws -> SlatePage? {
        try state.withLock { state in
            if state.isAway { throw Away() }
            return state.pages[recommendationID]
        }
    }
}

@Suite struct PageWriterTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func page(_ id: String, at time: Timestamp = .now) -> SlatePage {
        SlatePage(recommendationID: id, userID: nil, createdAt: time, requestJSON: "{}", shown: [])
    }

    private func until(_ condition: @Sendable () async throws -> Bool) async throws {
        for _ in 0..<500 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("it took too long")
    }

    private func running(
        _ writer: PageWriter, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await writer.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test func aPageIsThereAtOnceAndWrittenSoon() async throws {
        let store = MemoryPages()
        let writer = PageWriter(store: store, logger: Self.quiet)
        #expect(writer.offer(page("a")))
        #expect(store.ids.isEmpty)
        #expect(try await writer.page("a")?.recommendationID == "a")
        try await running(writer) {
            try await until { store.ids == ["a"] }
            #expect(writer.offer(page("b")))
            try await until { store.ids == ["a", "b"] }
            #expect(try await writer.page("b") != nil)
            #expect(try await writer.page("c") == nil)
        }
    }

    @Test func manyAreWrittenTogether() async throws {
        let store = MemoryPages()
        let writer = PageWriter(store: store, logger: Self.quiet)
        for index in 0..<450 { #expect(writer.offer(page("\(index)"))) }
        try await running(writer) { try await until { store.ids.count == 450 } }
        #expect(store.batches == [200, 200, 50])
    }

    @Test func aFullQueueTakesNoMore() {
        let writer = PageWriter(store: MemoryPages(), capacity: 2, logger: Self.quiet)
        #expect([writer.offer(page("a")), writer.offer(page("b")), writer.offer(page("c"))] == [true, true, false])
        #expect(writer.dropped == 1)
    }

    @Test func pagesWaitWhileTheStoreIsAway() async throws {
        let store = MemoryPages()
        store.isAway = true
        let writer = PageWriter(store: store, pause: .milliseconds(10), logger: Self.quiet)
        #expect(writer.offer(page("old", at: Timestamp.now.adding(seconds: -61))))
        #expect(writer.offer(page("new")))
        try await running(writer) {
            try await until { writer.dropped == 1 }
            // Still there for this server.
            #expect(try await writer.page("new") != nil)
            store.isAway = false
            try await until { store.ids == ["new"] }
            #expect(try await writer.page("old") == nil)
        }
    }
}
