import CascadeCore
import HTTPTypes
import Hummingbird

/// Whom users follow.
struct FollowController: Sendable {
    static let defaultLimit = 100
    static let maximumLimit = 1000

    let relations: any RelationStore
    let now: @Sendable () -> Timestamp

    func put(_ call: Call) async throws -> Response {
        let (user, creator) = try parts(of: call)
        let relation = UserRelation(userID: user, kind: .follow, target: creator, since: now())
        let isNew = try await relations.put(relation)
        return .json(
            ["user_id": .string(user.rawValue), "creator_id": .string(creator)], status: isNew ? .created : .ok)
    }

    /// 204 whether there was one or not, so that a repeated request is no failure.
    func delete(_ call: Call) async throws -> Response {
        let (user, creator) = try parts(of: call)
        _ = try await relations.remove(.follow, of: user, to: creator)
        return Response(status: .noContent)
    }

    func list(_ call: Call) async throws -> Response {
        let problems = Problems()
        let user = UserID(call.identifier("user_id", problems))
        let query = QueryReader(call.query, problems: problems)
        let limit = query.integer("limit", in: 1...Self.maximumLimit) ?? Self.defaultLimit
        let cursor = query.text("cursor")
        if let cursor, let problem = IdentifierRules.problem(with: cursor) {
            problems.add(query.place("cursor"), "invalid_identifier", problem)
        }
        query.refuseUnknown()
        try problems.check()
        // One more than is shown tells whether there is a next page.
        let found = try await relations.relations(of: user, kind: .follow, after: cursor, limit: limit + 1)
        let page = found.prefix(limit)
        let data: [JSONValue] = page.map {
            ["creator_id": .string($0.target), "followed_at": .text($0.since?.rfc3339)]
        }
        return .json(["data": .array(data), "next_cursor": .text(found.count > limit ? page.last?.target : nil)])
    }

    private func parts(of call: Call) throws -> (user: UserID, creator: String) {
        try call.refuseQuery()
        let problems = Problems()
        let user = UserID(call.identifier("user_id", problems))
        let creator = call.identifier("creator_id", problems)
        try problems.check()
        return (user, creator)
    }
}
