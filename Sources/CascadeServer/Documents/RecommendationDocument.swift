import CascadeCore
import CascadePipeline

/// The answer of `POST /v1/recommendations`: what `RecommendResponse` encodes to, members in a fixed order.
///
/// It is written by hand because it is on the way of every request; a test holds it equal to the Codable form.
enum RecommendationDocument {
    static func json(of response: RecommendResponse) throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("recommendation_id", .string(response.recommendationID)),
            .init("user_id", .text(response.userID?.rawValue)),
            .init("release_id", .text(response.releaseID)),
            .init("generated_at", .string(response.generatedAt.rfc3339)),
            .init("items", .array(response.items.map(json))),
            .init(
                "fallback",
                ["used": .bool(response.fallback.used), "reason": .text(response.fallback.reason?.rawValue)]),
            .init("underfilled", json(of: response.underfilled)),
            .init("degraded", .array(response.degraded.map { .string($0.rawValue) })),
            .init(
                "timings_ms",
                [
                    "total": .number(response.timingsMS.total), "retrieve": .number(response.timingsMS.retrieve),
                    "rank": .number(response.timingsMS.rank),
                ]),
        ]
        if let experiment = response.experiment {
            let arms = experiment.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
            members.append(.init("experiment", .object(arms)))
        }
        if let next = response.next { members.append(.init("next", .string(next))) }
        if let trace = response.trace { members.append(.init("trace", try TraceDocument.json(of: trace))) }
        return .object(members)
    }

    private static func json(of underfilled: RecommendResponse.Underfilled) -> JSONValue {
        [
            "requested": .integer(underfilled.requested), "returned": .integer(underfilled.returned),
            "cause": .text(underfilled.cause?.rawValue),
        ]
    }

    private static func json(of item: RecommendedItem) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("item_id", .string(item.itemID.rawValue)), .init("position", .integer(item.position)),
        ]
        if let score = item.score { members.append(.init("score", .number(score))) }
        if let heads = item.heads { members.append(.init("heads", json(of: heads))) }
        if let sources = item.sources { members.append(.init("sources", .array(sources.map(json)))) }
        if let propensity = item.propensity { members.append(.init("propensity", .number(propensity))) }
        if let reasons = item.reasons {
            members.append(.init("reasons", .array(reasons.map { .string($0.rawValue) })))
        }
        if let attributes = item.attributes {
            members.append(.init("attributes", ItemDocument.catalogMembers(of: attributes)))
        }
        return .object(members)
    }

    /// What the heads gave, by name.
    static func json(of heads: [String: Float]) -> JSONValue {
        .object(heads.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .single($0.value)) })
    }

    /// That a source brought an item.
    static func json(of mark: SourceMark) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("name", .string(mark.name)), .init("rank", .integer(mark.rank)), .init("score", .single(mark.score)),
        ]
        if let because = mark.because { members.append(.init("because", .string(because))) }
        if let interest = mark.interest { members.append(.init("interest", json(of: interest))) }
        return .object(members)
    }

    private static func json(of interest: InterestMark) -> JSONValue {
        var members: [JSONValue.Member] = [.init("cluster", .integer(Int(interest.cluster)))]
        if let name = interest.name { members.append(.init("name", .string(name))) }
        members += [
            .init("rank", .integer(interest.rank)), .init("probability", .single(interest.probability)),
            .init("because", .array(interest.because.map { .string($0) })),
        ]
        return .object(members)
    }
}
