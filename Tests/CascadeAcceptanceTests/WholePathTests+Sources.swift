import CascadeCore
import CascadeData
import CascadeModels
import CascadePipeline
import CascadeServing
import CascadeStorage
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@testable import cascade

/// What sources bring in a service over the generated world.
extension WholePathTests {
    /// The follows of the generated world were imported; a service that is set up for them shows their creators' items.
    func followedCreatorsAreServed(_ world: World) async throws {
        let service = try await world.service(sources: ["similar_items", "followed_creators"])
        defer { service.compute.shutdown() }
        let feedback = world.session.storage.feedback
        var chosen: UserRelation?
        for follow in try World.generated().follows where chosen == nil {
            let history = try await feedback.history(of: follow.userID, before: nil, limit: 100)
            if history.contains(where: { $0.signals.contains("click") }) { chosen = follow }
        }
        let follow = try #require(chosen)
        let user = follow.userID.rawValue
        try await world.serve(service) { client in
            let list = try await client.send(.get, "/v1/users/\(user)/follows")
            let followed = (list.body["data"] as? [[String: Any]] ?? []).compactMap { $0["creator_id"] as? String }
            #expect(followed.contains(follow.target))
            let body = #"{"user_id":"\#(user)","limit":50,"filters":{"exclude_seen":false}}"#
            let answer = try await client.recommend(body)
            #expect(answer.itemIDs.count == 50)
            #expect(answer.reasons("followed_creators").contains(follow.target))
            #expect(Set(followed).isSuperset(of: answer.reasons("followed_creators")))
            #expect(answer.reasons("similar_items").count >= 20)
            // A creator that is not followed any more is out with the next request.
            let segment = try #require(follow.target.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let path = "/v1/users/\(user)/follows/\(segment)"
            try await client.execute(uri: path, method: .delete) { #expect($0.status == .noContent) }
            #expect(try await !client.recommend(body).reasons("followed_creators").contains(follow.target))
            #expect(try await client.send(.put, path).status == 201)
            #expect(try await client.recommend(body).reasons("followed_creators").contains(follow.target))
        }
    }

    /// Of a user without a past the attributes decide what is retrieved; one without any has no search.
    func newUsersAreRetrievedForByAttributes(_ world: World) async throws {
        let service = try await world.service(sources: ["two_tower", "popular"])
        defer { service.compute.shutdown() }
        try await world.serve(service) { client in
            func retrieved(_ user: String) async throws -> [String] {
                let body = #"{"user_id":"\#(user)","limit":20,"include":["scores","reasons"]}"#
                let answer = try await client.recommend(body)
                #expect(answer.member("fallback", "reason") as? String == "no_history")
                return answer.items.filter { item in
                    let found = (item["sources"] as? [[String: Any]] ?? []).contains {
                        $0["name"] as? String == "two_tower"
                    }
                    #expect(found == (item["reasons"] as? [String] ?? []).contains("user_attributes"))
                    return found
                }.compactMap { $0["item_id"] as? String }
            }
            for (user, country) in [("newcomer-1", "de"), ("newcomer-2", "us")] {
                let attributes = #"{"attributes":{"age_band":"18-24","country":"\#(country)","device":"phone"}}"#
                #expect(try await client.send(.put, "/v1/users/\(user)", attributes).status == 201)
            }
            #expect(try await client.send(.put, "/v1/users/newcomer-3", "{}").status == 201)
            let (first, second) = (try await retrieved("newcomer-1"), try await retrieved("newcomer-2"))
            #expect(first.count == 20 && second.count == 20 && first != second)
            #expect(try await retrieved("newcomer-3").isEmpty)
        }
    }

    /// Every item of the source says which interest it was found in, and which items of the user's past lie there.
    func interestsAreServed(_ world: World) async throws {
        let service = try await world.service(sources: ["interests", "two_tower"])
        defer { service.compute.shutdown() }
        let snapshot = try #require(service.holder.current)
        let clusters = try #require(snapshot.loaded.interests?.clusters)
        #expect(snapshot.interestFigures?.clusters == 8)
        let past = Set(
            try await world.session.storage.feedback.history(of: UserID(Self.user), before: nil, limit: 500)
                .map(\.itemID))
        try await world.serve(service) { client in
            let answer = try await client.recommend(#"{"user_id":"\#(Self.user)","limit":20,"debug":true}"#)
            let marks = answer.items.compactMap { item -> (ItemID, [String: Any])? in
                let sources = item["sources"] as? [[String: Any]] ?? []
                guard let id = item["item_id"] as? String, let source = sources.first(where: { $0["interest"] != nil }),
                    let mark = source["interest"] as? [String: Any]
                else { return nil }
                return (ItemID(id), mark)
            }
            #expect(marks.count >= 15)
            func cluster(_ id: ItemID) -> Int? {
                // Items that came since the release are in none of its own.
                snapshot.catalog.row(of: id).flatMap { row in
                    Int(row) < clusters.assignments.count ? Int(clusters.assignments[Int(row)]) : nil
                }
            }
            // As this service is configured, not as the release was trained.
            #expect(Set(marks.compactMap { $0.1["cluster"] as? Int }).count <= 3)
            for (id, mark) in marks {
                let own = mark["cluster"] as? Int
                if let known = cluster(id) { #expect(own == known) }
                for origin in (mark["because"] as? [String] ?? []).map({ ItemID($0) }) {
                    #expect(past.contains(origin))
                    if let known = cluster(origin) { #expect(own == known) }
                }
            }
            let trace = try #require(answer.body["trace"])
            let text = String(decoding: try JSONSerialization.data(withJSONObject: trace), as: UTF8.self)
            #expect(text.contains(#""quota""#) && text.contains(#""probability""#))
        }
    }
}
