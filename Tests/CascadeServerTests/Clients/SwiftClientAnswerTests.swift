import CascadeClient
import CascadeCore
import CascadePipeline
import Foundation
import Testing

@testable import CascadeServer

/// The types of the Swift client lose nothing of what a server answers.
@Suite(.serialized) struct SwiftClientAnswerTests {
    /// Reads a type of the client and writes it again.
    private struct Form: Sendable, CustomTestStringConvertible {
        let schema: String
        let again: @Sendable (Data) throws -> Data

        init<Value: Codable & Sendable>(_ schema: String, _ type: Value.Type) {
            self.schema = schema
            again = { try CascadeClient.encoder().encode(try CascadeClient.decoder().decode(type, from: $0)) }
        }

        var testDescription: String { schema }
    }

    private static let forms = [
        Form("Recommendation", CascadeClient.Recommendation.self), Form("Ranking", CascadeClient.Ranking.self),
        Form("Explanation", CascadeClient.Explanation.self), Form("SimilarItems", CascadeClient.SimilarItems.self),
        Form("BatchOutcome", CascadeClient.BatchOutcome.self), Form("Item", CascadeClient.Item.self),
        Form("ItemList", CascadeClient.Page<CascadeClient.Item>.self), Form("User", CascadeClient.User.self),
        Form("UserList", CascadeClient.Page<CascadeClient.User>.self), Form("Erasure", CascadeClient.Erasure.self),
        Form("EventList", CascadeClient.Page<CascadeClient.StoredEvent>.self),
        Form("Follow", CascadeClient.Follow.self),
        Form("FollowList", CascadeClient.Page<CascadeClient.FollowedCreator>.self),
        Form("Hidden", CascadeClient.Hidden.self),
        Form("HiddenList", CascadeClient.Page<CascadeClient.HiddenItem>.self),
        Form("Pipeline", CascadeClient.Pipeline.self), Form("Statistics", CascadeClient.Statistics.self),
        Form("Release", CascadeClient.Release.self), Form("AnyRelease", CascadeClient.AnyRelease.self),
        Form("ReleaseList", CascadeClient.Page<CascadeClient.AnyRelease>.self),
        Form("Job", CascadeClient.Job.self), Form("JobList", CascadeClient.Page<CascadeClient.Job>.self),
        Form("Live", CascadeClient.Live.self), Form("Readiness", CascadeClient.Readiness.self),
    ]
    /// Parts of answers, and what goes both ways.
    private static let others = [
        Form("ReleaseTraining", CascadeClient.AnyRelease.self), Form("Problem", CascadeClient.Problem.self),
        Form("RecommendRequest", CascadeClient.RecommendRequest.self),
        Form("RankRequest", CascadeClient.RankRequest.self), Form("Event", CascadeClient.Event.self),
        Form("Impression", CascadeClient.Impression.self), Form("WrittenItem", CascadeClient.WrittenItem.self),
        Form("ItemBody", CascadeClient.ItemBody.self), Form("UserBody", CascadeClient.UserBody.self),
    ]

    @Test func everyAnswerOfTheDocumentHasAType() {
        let described = Interface.operations.values.reduce(into: Set<String>()) { $0.formUnion($1.answers) }
        #expect(Set(Self.forms.map(\.schema)) == described)
    }

    /// Values that are made from the schemas, with every member that there can be.
    @Test(arguments: forms + others)
    private func nothingOfASchemaIsLost(_ form: Form) throws {
        let full = Schema.sample(Interface.schema(form.schema), null: false).canonical
        #expect(Schema.differences(full, Interface.schema(form.schema)) == [])
        let again = try form.again(Data(JSONWriter.bytes(of: full)))
        #expect(try JSONParser.parse(Array(again)).canonical == full)
    }

    /// Members that are null in answers stay null. Items are left out: their schema is that of requests too, and no answer has
    /// null for their categories and attributes.
    @Test(arguments: forms.filter { !$0.schema.hasPrefix("Item") })
    private func nullsStayNull(_ form: Form) throws {
        let sparse = Schema.sample(Interface.schema(form.schema), null: true).canonical
        let again = try form.again(Data(JSONWriter.bytes(of: sparse)))
        #expect(try JSONParser.parse(Array(again)).canonical == sparse)
    }

    @Test(arguments: [Form("ItemPatch", CascadeClient.ItemPatch.self), Form("UserPatch", CascadeClient.UserPatch.self)])
    private func patchesTellNullFromAbsent(_ form: Form) throws {
        for isNull in [true, false] {
            let sample = Schema.sample(Interface.schema(form.schema), null: isNull).canonical
            for json in [sample, [:]] as [JSONValue] {
                let again = try form.again(Data(JSONWriter.bytes(of: json)))
                #expect(try JSONParser.parse(Array(again)).canonical == json)
            }
        }
    }

    /// Every operation on a server: what the client reads, written again, is what the server sent.
    @Test func nothingOfARealAnswerIsLost() async throws {
        let server = try await TestServer.withSomethingToTell()
        try await server.runWithClient { client, transport in
            var calls = EveryCall(client: client)
            calls.cursor = nil
            calls.jobID = "job_0"
            // A rollback goes to the release before.
            _ = try await client.activateRelease("before")
            _ = try await client.putFollow(EveryCall.identifier("user_id"), "c/0")
            _ = try await client.putHidden(EveryCall.identifier("user_id"), "i/0")
            try await Self.check(transport, "thin recommend") { try await client.recommend(.init(userID: nil)) }
            try await Self.check(transport, "trace") {
                try await client.explainRecommendation(EveryCall.identifier("recommendation_id"))
            }
            try await Self.check(transport, "training") { try await client.getRelease("t") }
            for operation in CascadeClient.Operation.allCases {
                let sent = transport.requests.count
                try await Self.check(transport, operation.rawValue) { try await calls.perform(operation) }
                #expect(transport.requests.count == sent + 1, "\(operation)")
            }
        }
        // What was sent is what the server got.
        let event = try #require(await server.feedback.events["e/1"])
        #expect(event.itemID.rawValue == EveryCall.identifier("item_id") && event.value == 1.5 && event.position == 3)
        #expect(event.occurredAt == Timestamp(rfc3339: "2026-01-02T03:04:05.25Z"))
        let shown = try #require(await server.feedback.impressions.values.first)
        #expect(shown.id == "m1" && shown.propensity == 0.25)
        let slate = try #require(server.recommender.requests.map(\.request).first { $0.userID != nil })
        #expect(slate.seed == UInt64(Int.max) && slate.context == ["Some_Key": "v"] && slate.events.count == 1)
        #expect(slate.filters.maxAgeSeconds == 9.5 && slate.diversity.maxPerCreator == 2)
    }

    private static func check(
        _ transport: RecordingTransport, _ name: String, _ call: () async throws -> (any Encodable)?
    ) async throws {
        let answer = try await call()
        let reply = try #require(transport.replies.last)
        guard let answer else {
            #expect(reply.body.isEmpty || name == "getMetrics", "\(name)")
            return
        }
        let written = try JSONParser.parse(Array(try CascadeClient.encoder().encode(answer)))
        let sent = try JSONParser.parse(Array(reply.body))
        #expect(written.canonical == sent.canonical, "\(name)")
    }

    @Test func timesAreKeptToTheMicrosecond() throws {
        let texts = [
            "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.250001Z", "1969-12-31T23:59:59.5Z",
            "2099-12-31T23:59:59.999999Z",
        ]
        let json = Data(JSONWriter.bytes(of: .array(texts.map { .string($0) })))
        let dates = try CascadeClient.decoder().decode([Date].self, from: json)
        #expect(dates.map(\.timeIntervalSince1970)[0] == 1_767_323_045)
        #expect(try CascadeClient.encoder().encode(dates) == json)
        #expect(throws: DecodingError.self) {
            try CascadeClient.decoder().decode([Date].self, from: Data(#"["yesterday"]"#.utf8))
        }
    }

    /// A word that is not known yet is read like any other.
    @Test func newWordsAreNoFailure() throws {
        let json = #"{"requested":2,"returned":1,"cause":"tomorrow"}"#
        let read = try CascadeClient.decoder().decode(CascadeClient.Underfilled.self, from: Data(json.utf8))
        #expect(read.cause == "tomorrow" && read.cause?.rawValue == "tomorrow")
    }
}
