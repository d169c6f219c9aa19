import CascadeCore
import CascadePipeline
import CascadeServer
import CascadeServing
import CascadeStorage
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import cascade

/// Lists of callers, further pages, releases, jobs and figures, over HTTP on a trained world and a real Postgres.
@Suite(.serialized) struct RequestPathTests {
    @Test func aTrainedWorldAnswers() async throws {
        try await World.with { world in
            try await world.serve { client in
                try await listsAreRanked(world, client)
                try await pagesFollow(world, client)
                try await figuresAreTold(world, client)
                try await jobsAreQueuedAndGivenUp(client)
                try await namedWritesAreDoneOnce(world, client)
                try await releasesAreActivated(world, client)
            }
        }
    }

    private static let user = "user-007"

    private func listsAreRanked(_ world: World, _ client: any TestClientProtocol) async throws {
        let slate = try await client.recommend(
            #"{"user_id":"\#(Self.user)","limit":30,"diversity":{"creator_decay":1,"max_per_creator":0}}"#)
        let wanted = slate.items.map { ($0["item_id"] as? String ?? "", $0["score"] as? Double ?? .nan) }
        #expect(wanted.count == 30)
        let ids = (wanted.map(\.0).reversed() + ["never heard of"]).map { "\"\($0)\"" }.joined(separator: ",")
        let answer = try await client.send(
            .post, "/v1/rank", #"{"user_id":"\#(Self.user)","item_ids":[\#(ids)],"include":["scores","attributes"]}"#)
        #expect(answer.status == 200 && answer.member("fallback", "used") as? Bool == false)
        // The same scores in the same order as those of the recommendation.
        #expect(Array(answer.itemIDs.prefix(30)) == wanted.map(\.0))
        for (item, (_, score)) in zip(answer.items, wanted) {
            #expect(item["status"] as? String == "ranked")
            #expect(abs((item["score"] as? Double ?? .nan) - score) < 1e-4)
            #expect((item["attributes"] as? [String: Any])?["title"] != nil)
        }
        #expect(answer.items.last?["status"] as? String == "unknown_item")
    }

    private func pagesFollow(_ world: World, _ client: any TestClientProtocol) async throws {
        let first = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":40}"#)
        var shown = first.itemIDs
        var next = first.body["next"] as? String
        #expect(next != nil)
        var pages = 1
        // A second server on the same database, which has to find what the first one wrote.
        let other = try await PipelineService(world.session, logger: World.quiet)
        defer { other.compute.shutdown() }
        await other.follower.refresh()
        let writer = Task { try await world.service.pages.run() }
        defer { writer.cancel() }
        while let path = next, pages < 10 {
            let id = path.split(separator: "/")[2]
            try await untilWritten(String(id), world)
            let page = Collected()
            try await world.serve(pages.isMultiple(of: 2) ? world.service : other) { client in
                page.set(try await client.send(.post, path))
            }
            let answer = try #require(page.answer)
            #expect(answer.status == 200)
            #expect(Set(shown).isDisjoint(with: answer.itemIDs) && Set(answer.itemIDs).count == answer.itemIDs.count)
            shown += answer.itemIDs
            next = answer.body["next"] as? String
            // The other server does not write by itself here.
            if let last = answer.body["recommendation_id"] as? String, let kept = try await other.pages.page(last) {
                try await world.session.storage.pages.put([kept])
            }
            pages += 1
        }
        // Through the whole catalog, but for what was seen and what is hidden.
        #expect(next == nil && shown.count > 150 && Set(shown).count == shown.count)
        #expect(try await client.send(.post, "/v1/recommendations/rec_none/next").status == 404)
        let old = TimeSortedID.recommendation(Timestamp.now.adding(seconds: -3600))
        #expect(try await client.send(.post, "/v1/recommendations/\(old)/next").status == 410)
    }

    private func untilWritten(_ id: String, _ world: World) async throws {
        for _ in 0..<500 {
            if try await world.session.storage.pages.page(id) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the page of \(id) was not written")
    }

    private func figuresAreTold(_ world: World, _ client: any TestClientProtocol) async throws {
        let answer = try await client.send(.get, "/v1/stats")
        #expect(answer.status == 200)
        #expect(answer.member("rows", "items") as? Int == 250)
        #expect(answer.member("active_release", "id") as? String == world.release.id)
        #expect(answer.member("active_release", "items") as? Int == 250)
        #expect((answer.member("releases", "active", "bytes") as? Int).map { $0 > 10_000 } == true)
    }

    private func jobsAreQueuedAndGivenUp(_ client: any TestClientProtocol) async throws {
        let queued = try await client.send(.post, "/v1/jobs", #"{"kind":"train","params":{"warm":true}}"#)
        #expect(queued.status == 202)
        let id = try #require(queued.body["job_id"] as? String)
        #expect(try await client.send(.get, "/v1/jobs/\(id)?log_limit=10").body["state"] as? String == "queued")
        let list = try await client.send(.get, "/v1/jobs?limit=1").body["data"] as? [[String: Any]]
        #expect(list?.first?["job_id"] as? String == id)
        let cancelled = try await client.send(.post, "/v1/jobs/\(id)/cancel")
        #expect(cancelled.status == 200 && cancelled.body["state"] as? String == "cancelled")
        #expect(try await client.send(.post, "/v1/jobs/\(id)/cancel").status == 409)
    }

    /// Two servers on one database, asked for the same write.
    private func namedWritesAreDoneOnce(_ world: World, _ client: any TestClientProtocol) async throws {
        let body = ByteBuffer(string: #"{"events":[{"type":"click","user_id":"named","item_id":"i"}]}"#)
        let sent: HTTPFields = [.contentType: "application/json", try #require(.init("Idempotency-Key")): "k-1"]
        let replayed = try #require(HTTPField.Name("Idempotency-Replayed"))
        let first = try await client.executeRequest(uri: "/v1/events", method: .post, headers: sent, body: body)
        #expect(first.status == .ok && first.headers[replayed] == nil)
        try await world.serve { other in
            let again = try await other.executeRequest(uri: "/v1/events", method: .post, headers: sent, body: body)
            #expect(again.status == .ok && again.body == first.body && again.headers[replayed] == "true")
            let longer = ByteBuffer(string: String(buffer: body) + " ")
            let reused = try await other.executeRequest(uri: "/v1/events", method: .post, headers: sent, body: longer)
            #expect(reused.status.code == 422)
        }
        let stored = try await world.session.storage.feedback.events(
            of: UserID("named"), type: nil, after: nil, limit: 10)
        #expect(stored.count == 1)
        #expect(try await world.session.storage.idempotency.prune(before: Timestamp.now.adding(seconds: 9)) == 1)
    }

    private func releasesAreActivated(_ world: World, _ client: any TestClientProtocol) async throws {
        #expect(try await client.send(.post, "/v1/releases/none/activate").status == 404)
        #expect(try await client.send(.post, "/v1/releases/rollback").status == 409)
        let second = try await World.train(world.session)
        let back = try await client.send(.post, "/v1/releases/rollback")
        #expect(back.status == 200 && back.body["release_id"] as? String == world.release.id)
        let activated = try await client.send(.post, "/v1/releases/\(second.id)/activate")
        #expect(activated.status == 200 && activated.body["state"] as? String == "active")
        await world.service.follower.refresh()
        #expect(world.service.holder.current?.stamp.releaseID == second.id)
        #expect(try await client.send(.post, "/v1/releases/rollback").status == 200)
        // One that is not whole is refused, and what is served stays.
        let file = world.session.releaseDirectory.appendingPathComponent(second.path)
            .appendingPathComponent("ranker.safetensors")
        let bytes = try Data(contentsOf: file)
        try FileManager.default.removeItem(at: file)
        try bytes.dropLast(5).write(to: file)
        let refused = try await client.send(.post, "/v1/releases/\(second.id)/activate")
        #expect(refused.status == 409 && refused.body["code"] as? String == "conflict")
        #expect((refused.body["detail"] as? String)?.contains("ranker.safetensors") == true)
        #expect(try await world.session.storage.releases.activeRelease()?.id == world.release.id)
    }
}

/// An answer that a closure hands out.
private final class Collected: @unchecked Sendable {
    private(set) var answer: Answer?

    func set(_ answer: Answer) { self.answer = answer }
}
