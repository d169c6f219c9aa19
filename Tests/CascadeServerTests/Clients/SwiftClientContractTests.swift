import CascadeClient
import Foundation
import Testing

@testable import CascadeServer

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The Swift client has the operations of the document, with all that they take.
@Suite struct SwiftClientContractTests {
    private static let operations = CascadeClient.Operation.allCases

    @Test func hasTheOperationsOfTheDocument() {
        #expect(Set(Self.operations.map(\.rawValue)) == Set(Interface.operations.keys))
        #expect(Interface.operations.count > 40)
    }

    /// What a call sends when everything is filled in that it takes.
    @Test(arguments: operations)
    func sendsWhatTheDocumentDescribes(_ operation: CascadeClient.Operation) async throws {
        let described = try #require(Interface.operations[operation.rawValue])
        let transport = RecordingTransport { _, _ in CascadeClient.Reply(status: 204) }
        var calls = EveryCall(client: try transport.client(apiKey: "secret"))
        calls.jobs = EveryCall.allJobs
        for job in calls.jobs {
            calls.jobs = [job]
            // The answer is none; what was sent is looked at.
            _ = try? await calls.perform(operation)
        }
        #expect(transport.requests.count == EveryCall.allJobs.count)
        for request in transport.requests {
            let url = try #require(request.url?.absoluteString)
            let path = try #require(url.dropFirst("http://localhost:1".count).split(separator: "?").first)
            #expect(request.httpMethod == described.method)
            #expect(path == Self.filled(described.path))
            #expect(Set(request.parameters.keys) == described.query)
            #expect((request.value(forHTTPHeaderField: "Idempotency-Key") != nil) == described.takesKey)
            #expect(request.value(forHTTPHeaderField: "X-API-Key") == "secret")
            #expect((request.httpBody != nil) == (described.body != nil))
            #expect(Schema.differences(request.json, described.body ?? .null) == [])
            let type = request.value(forHTTPHeaderField: "Content-Type")
            #expect(type == (described.body == nil ? nil : "application/json"))
        }
    }

    /// The path of the document with the identifiers that every call has, encoded by hand.
    private static func filled(_ template: String) -> Substring {
        let names = ["user_id", "item_id", "creator_id", "recommendation_id", "release_id", "job_id"]
        return names.reduce(template) { path, name in
            path.replacing("{\(name)}", with: "\(name)%2F%C3%A9%20%25%F0%9F%98%80")
        }[...]
    }

    @Test func missingAndStrangeMembersAreFound() {
        let schema = Interface.schema("RankRequest")
        #expect(Schema.differences(["user_id": "u", "odd": 1], schema).contains("/odd"))
        #expect(Schema.differences(["user_id": "u"], schema).contains("/item_ids"))
        let deep = Schema.differences(["events": [["item_id": "i", "what": 1]]], Interface.schema("EventBatch"))
        #expect(deep.contains("/events/-/what") && deep.contains("/events/-/type"))
    }

    /// An absent member is not sent, but for the user, whose absence has a meaning.
    @Test func whatIsNotGivenIsNotSent() async throws {
        let transport = RecordingTransport { _, _ in CascadeClient.Reply(status: 204) }
        let client = try transport.client()
        _ = try? await client.recommend(.init(userID: nil))
        _ = try? await client.patchItem("i", .init())
        _ = try? await client.patchItem("i", .init(title: .clear, attributes: .set(["a": .null])))
        _ = try? await client.listItems()
        #expect(
            transport.requests.map(\.json) == [
                ["user_id": nil], [:], ["attributes": ["a": nil], "title": nil], nil,
            ])
        #expect(transport.requests[3].url?.query == nil)
        #expect(transport.requests[0].value(forHTTPHeaderField: "X-API-Key") == nil)
    }

    @Test func listsInAQueryAreSeparatedByCommas() async throws {
        let transport = RecordingTransport { _, _ in CascadeClient.Reply(status: 204) }
        let client = try transport.client()
        _ = try? await client.similarItems("i", categories: ["a,b", "c"], excludeItemIDs: [])
        #expect(transport.requests[0].parameters == ["categories": "a\\,b,c", "exclude_item_ids": ""])
    }

    @Test func wordsAreThoseOfTheDocument() {
        func words(_ schema: String, _ path: String...) -> [String] {
            let found = path.reduce(Interface.schema(schema) as JSONValue?) { $0?[$1] }
            return Interface.elements(found).compactMap(Interface.text)
        }
        func raw(_ known: [some CascadeClient.OpenWord]) -> [String] { known.map(\.rawValue) }
        #expect(raw(CascadeClient.Problem.Code.known) == words("Problem", "properties", "code", "enum"))
        #expect(raw(CascadeClient.RankedItem.Status.known) == words("RankedItem", "properties", "status", "enum"))
        #expect(raw(CascadeClient.Verdict.known) == words("Explanation", "properties", "verdict", "enum"))
        #expect(raw(CascadeClient.Similarity.known) == words("SimilarItems", "properties", "by", "enum"))
        #expect(raw(CascadeClient.JobState.known) == words("Job", "properties", "state", "enum"))
        #expect(raw(CascadeClient.JobKind.known) == words("Job", "properties", "kind", "enum"))
        #expect(raw(CascadeClient.Readiness.Status.known) == words("Readiness", "properties", "status", "enum"))
        #expect(
            raw(CascadeClient.Erasure.Remains.known) == words("Erasure", "properties", "remains", "items", "enum"))
        let slate = ("Recommendation", "properties")
        #expect(
            raw(CascadeClient.FallbackReason.known)
                == words(slate.0, slate.1, "fallback", "properties", "reason", "enum"))
        #expect(
            raw(CascadeClient.UnderfillCause.known)
                == words(slate.0, slate.1, "underfilled", "properties", "cause", "enum"))
        let states =
            words("Release", "properties", "state", "enum") + words("ReleaseTraining", "properties", "state", "enum")
        #expect(Set(raw(CascadeClient.ReleaseState.known)) == Set(states))
        #expect(
            CascadeClient.Part.allCases.map(\.rawValue)
                == words("RecommendRequest", "properties", "include", "items", "enum"))
    }
}
