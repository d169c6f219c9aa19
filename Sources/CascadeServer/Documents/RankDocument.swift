import CascadeCore
import CascadePipeline

extension RankRequest {
    /// Reads the members of a request's body; what is out of range `problems()` tells.
    init(_ reader: ObjectReader) {
        self.init(userID: nil, itemIDs: [])
        if reader.has("user_id") {
            userID = reader.string("user_id").map { UserID($0) }
        } else {
            reader.problems.add(
                reader.place("user_id"), "missing", "is required; null ranks for an anonymous visitor")
        }
        let items = reader.elements("item_ids", required: true, count: 1...Self.maximumItems) ?? []
        itemIDs = items.compactMap { element in
            reader.text(element.value, at: element.pointer, maximumBytes: Int.max).map { ItemID($0) }
        }
        for entry in reader.entries("context", maximumCount: 32) ?? [] {
            context[entry.name] = reader.text(entry.value, at: entry.pointer, maximumBytes: 256)
        }
        if let words = reader.elements("include", count: 0...RecommendRequest.Include.allCases.count) {
            include = Set(
                words.compactMap { word in
                    reader.text(word.value, at: word.pointer, maximumBytes: 64).flatMap {
                        RecommendRequest.Include.named($0, at: word.pointer, reader.problems)
                    }
                })
        }
        events = SessionEvent.list(reader)
        debug = reader.flag("debug") ?? false
        reader.refuseUnknown()
    }
}

/// The answer of `POST /v1/rank`.
enum RankDocument {
    static func json(of response: RankResponse) throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("recommendation_id", .string(response.recommendationID)),
            .init("user_id", .text(response.userID?.rawValue)), .init("release_id", .text(response.releaseID)),
            .init("generated_at", .string(response.generatedAt.rfc3339)),
            .init("items", .array(response.items.map(json))),
            .init(
                "fallback",
                ["used": .bool(response.fallback.used), "reason": .text(response.fallback.reason?.rawValue)]),
            .init("degraded", .array(response.degraded.map { .string($0.rawValue) })),
            .init(
                "timings_ms",
                ["total": .number(response.timingsMS.total), "rank": .number(response.timingsMS.rank)]),
        ]
        if let trace = response.trace { members.append(.init("trace", try TraceDocument.json(of: trace))) }
        return .object(members)
    }

    private static func json(of item: RankedItem) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("item_id", .string(item.itemID.rawValue)), .init("position", .integer(item.position)),
            .init("status", .string(item.status.rawValue)),
        ]
        if let score = item.score { members.append(.init("score", .number(score))) }
        if let heads = item.heads { members.append(.init("heads", RecommendationDocument.json(of: heads))) }
        if let filter = item.removedBy { members.append(.init("removed_by", .string(filter))) }
        if let attributes = item.attributes {
            members.append(.init("attributes", ItemDocument.catalogMembers(of: attributes)))
        }
        return .object(members)
    }
}
