import CascadeCore
import CascadePipeline

extension RecommendRequest {
    /// The body that asks for the same, without `debug`: what next pages are asked by. Reading it again gives the request.
    var body: JSONValue {
        var members: [JSONValue.Member] = [.init("user_id", .text(userID?.rawValue))]
        if let limit { members.append(.init("limit", .integer(limit))) }
        if !context.isEmpty {
            let words = context.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
            members.append(.init("context", .object(words)))
        }
        members.append(.init("filters", filters.body))
        members.append(.init("diversity", diversity.body))
        members.append(.init("include", .array(include.map(\.rawValue).sorted().map { .string($0) })))
        if !events.isEmpty { members.append(.init("events", .array(events.map(\.body)))) }
        if !weights.isEmpty {
            let factors = weights.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .number($0.value)) }
            members.append(.init("weights", .object(factors)))
        }
        if let releaseID { members.append(.init("release_id", .string(releaseID))) }
        if let seed { members.append(.init("seed", .integer(Int(truncatingIfNeeded: seed)))) }
        return .object(members)
    }
}

extension SessionEvent {
    fileprivate var body: JSONValue {
        var members: [JSONValue.Member] = [.init("item_id", .string(itemID.rawValue))]
        if let type { members.append(.init("type", .string(type))) }
        if let at { members.append(.init("occurred_at", .string(at.rfc3339))) }
        if let surface { members.append(.init("surface", .string(surface))) }
        return .object(members)
    }
}

extension RecommendRequest.Filters {
    fileprivate var body: JSONValue {
        var members: [JSONValue.Member] = []
        if !categoriesAny.isEmpty { members.append(.init("categories_any", .array(categoriesAny.map { .string($0) }))) }
        if !excludeItemIDs.isEmpty {
            members.append(.init("exclude_item_ids", .array(excludeItemIDs.map { .string($0.rawValue) })))
        }
        members.append(.init("exclude_seen", .bool(excludeSeen)))
        if let maxAgeSeconds { members.append(.init("max_age_seconds", .number(maxAgeSeconds))) }
        return .object(members)
    }
}

extension RecommendRequest.Diversity {
    fileprivate var body: JSONValue {
        var members: [JSONValue.Member] = []
        if let creatorDecay { members.append(.init("creator_decay", .number(creatorDecay))) }
        if let creatorFloor { members.append(.init("creator_floor", .number(creatorFloor))) }
        if let maxPerCreator { members.append(.init("max_per_creator", .integer(maxPerCreator))) }
        if let maxPerCategory { members.append(.init("max_per_category", .integer(maxPerCategory))) }
        return .object(members)
    }
}
