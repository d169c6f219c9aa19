import CascadeCore
import CascadePipeline
import HTTPTypes
import Synchronization
import Testing

@testable import CascadeServer

/// Pages in memory, at once.
final class MemoryPages: PageKeeping {
    private let state = Mutex((pages: [String: SlatePage](), isFull: false, isAway: false))

    func fill() { state.withLock { $0.isFull = true } }
    func loseStore() { state.withLock { $0.isAway = true } }
    func keep(_ page: SlatePage) { state.withLock { $0.pages[page.recommendationID] = page } }
    func kept(_ id: String) -> SlatePage? { state.withLock { $0.pages[id] } }

    func offer(_ page: SlatePage) -> Bool {
        state.withLock { state in
            if !state.isFull { state.pages[page.recommendationID] = page }
            return !state.isFull
        }
    }

    func page(_ recommendationID: String) throws -> SlatePage? {
        try state.withLock { state in
            if state.isAway { throw StoreGone() }
            return state.pages[recommendationID]
        }
    }
}

@Suite struct PageRouteTests {
    /// A server whose slates are of 26 items, and whose present is when they are made.
    private func server(_ cause: UnderfillCause? = nil) -> TestServer {
        let counter = Mutex(0)
        let now = Timestamp(rfc3339: "2026-09-30T12:00:00Z") ?? .now
        var server = TestServer()
        server.now = now
        server.recommender = StubRecommender { request, _ throws(PipelineError) in
            let number = counter.withLock { count in
                count += 1
                return count
            }
            var response = StubRecommender.slate(for: request)
            response.recommendationID = "rec_\(number)"
            response.generatedAt = now
            response.items = (0..<2).map {
                RecommendedItem(itemID: ItemID("p\(number) \($0)"), position: $0)
            }
            response.underfilled = .init(requested: 2, returned: 2, cause: cause)
            return response
        }
        return server
    }

    @Test func pagesAreAChainWithoutRepeats() async throws {
        let server = server()
        try await server.run { client async throws in
            let body = #"""
                {"user_id":"u","limit":2,"weights":{"like":3},"context":{"surface":"home"},"include":["attributes"],"seed":7,
                 "events":[{"item_id":"e1","type":"click","occurred_at":"2026-01-02T03:04:05.25Z","surface":"home"},{"item_id":"e2"}],
                 "filters":{"categories_any":["a"],"exclude_item_ids":["x"],"exclude_seen":false,"max_age_seconds":9.5},
                 "diversity":{"creator_decay":0.5,"creator_floor":0.25,"max_per_creator":2,"max_per_category":0}}
                """#
            var next = try await client.send(.post, "/v1/recommendations", body).json["next"]
            for page in 1...3 {
                guard case .string(let path)? = next else { return #expect(Bool(false), "page \(page)") }
                #expect(path == "/v1/recommendations/rec_\(page)/next")
                let answer = try await client.send(.post, path)
                #expect(answer.status == 200 && answer.json["recommendation_id"] == .string("rec_\(page + 1)"))
                next = answer.json["next"]
            }
        }
        let asked = server.recommender.requests.map(\.request)
        var first = asked[0]
        for (page, request) in asked.enumerated() {
            #expect(request.shownBefore.count == 2 * page && Set(request.shownBefore).count == 2 * page)
            // All but what was shown is as it was asked for.
            first.shownBefore = request.shownBefore
            #expect(request == first)
        }
    }

    @Test func theShortFormHasPagesToo() async throws {
        try await server().run { client async throws in
            let path = try await client.send(.get, "/v1/users/u%2F1/recommendations?limit=2&exclude_seen=false").json[
                "next"]
            #expect(path == "/v1/recommendations/rec_1/next")
        }
    }

    @Test(arguments: [UnderfillCause.catalogExhausted, .filters])
    func theLastPageHasNoNext(cause: UnderfillCause) async throws {
        try await server(cause).run { client async throws in
            #expect(try await client.send(.post, "/v1/recommendations", #"{"user_id":"u"}"#).json["next"] == nil)
        }
    }

    @Test func whatCannotBeKeptHasNoNext() async throws {
        var server = server()
        server.pages.fill()
        try await server.run { client async throws in
            let answer = try await client.send(.post, "/v1/recommendations", #"{"user_id":"u"}"#)
            #expect(answer.status == 200 && answer.json["next"] == nil)
        }
        server = self.server()
        server.settings.nextPageSeconds = 0
        try await server.run { client async throws in
            #expect(try await client.send(.post, "/v1/recommendations", #"{"user_id":"u"}"#).json["next"] == nil)
            #expect(try await client.send(.post, "/v1/recommendations/rec_1/next").status == 404)
        }
    }

    @Test func whatIsGoneAndWhatNeverWasAreToldApart() async throws {
        let server = server()
        let now = server.now
        @Sendable func id(_ seconds: Double) -> String {
            TimeSortedID.recommendation(now.adding(seconds: seconds))
        }
        // Kept, and too old all the same.
        server.pages.keep(
            SlatePage(
                recommendationID: "kept", userID: nil, createdAt: server.now.adding(seconds: -1801),
                requestJSON: #"{"user_id":null}"#, shown: []))
        server.pages.keep(
            SlatePage(
                recommendationID: "young", userID: nil, createdAt: server.now.adding(seconds: -1799),
                requestJSON: #"{"user_id":null}"#, shown: []))
        try await server.run { client async throws in
            func answer(_ id: String) async throws -> Answer {
                try await client.send(.post, "/v1/recommendations/\(id)/next")
            }
            for (id, status, code) in [
                ("kept", 410, "gone"), (id(-1801), 410, "gone"), ("unheard", 404, "not_found"),
                (id(-60), 404, "not_found"), (id(3600), 404, "not_found"), (id(-2), 404, "not_found"),
            ] {
                let answer = try await answer(id)
                #expect(answer.status == status && answer.json["code"] == .string(code), "\(id)")
            }
            // On its way from another server.
            let coming = id(-1)
            async let waiting = answer(coming)
            try await Task.sleep(for: .milliseconds(20))
            server.pages.keep(
                SlatePage(
                    recommendationID: coming, userID: nil, createdAt: server.now, requestJSON: #"{"user_id":null}"#,
                    shown: []))
            #expect(try await waiting.status == 200)
            #expect(try await answer("young").status == 200)
            #expect(try await client.send(.post, "/v1/recommendations/young/next?limit=3").status == 400)
            server.pages.loseStore()
            #expect(try await answer("young").status == 503)
        }
    }
}
