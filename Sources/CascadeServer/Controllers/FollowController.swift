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
        let page = PageRequest(
            query, of: ["follows", user.rawValue], default: Self.defaultLimit, maximum: Self.maximumLimit)
        query.refuseUnknown()
        try problems.check()
        let found = try await relations.relations(
            of: user, kind: .follow, after: page.place?[0], limit: page.readLimit)
        return .json(
            page.json(found, place: { [$0.target] }) {
                ["creator_id": .string($0.target), "followed_at": .text($0.since?.rfc3339)]
            })
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
