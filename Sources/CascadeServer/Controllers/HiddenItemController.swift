import CascadeCore
import HTTPTypes
import Hummingbird

/// What users asked never to see again.
struct HiddenItemController: Sendable {
    let hidden: any HiddenItemStore
    let now: @Sendable () -> Timestamp

    func put(_ call: Call) async throws -> Response {
        let (user, item) = try parts(of: call)
        let isNew = try await hidden.put(HiddenItem(userID: user, itemID: item, since: now()))
        return .json(
            ["user_id": .string(user.rawValue), "item_id": .string(item.rawValue)], status: isNew ? .created : .ok)
    }

    /// 204 whether there was one or not, so that a repeated request is no failure.
    func delete(_ call: Call) async throws -> Response {
        let (user, item) = try parts(of: call)
        _ = try await hidden.remove(item, of: user)
        return Response(status: .noContent)
    }

    func list(_ call: Call) async throws -> Response {
        let problems = Problems()
        let user = UserID(call.identifier("user_id", problems))
        let query = QueryReader(call.query, problems: problems)
        let page = PageRequest(query, of: ["hidden", user.rawValue])
        query.refuseUnknown()
        try problems.check()
        let found = try await hidden.hiddenItems(
            of: user, after: page.place.map { ItemID($0[0]) }, limit: page.readLimit)
        return .json(
            page.json(found, place: { [$0.itemID.rawValue] }) {
                ["item_id": .string($0.itemID.rawValue), "hidden_at": .string($0.since.rfc3339)]
            })
    }

    private func parts(of call: Call) throws -> (user: UserID, item: ItemID) {
        try call.refuseQuery()
        let problems = Problems()
        let user = UserID(call.identifier("user_id", problems))
        let item = ItemID(call.identifier("item_id", problems))
        try problems.check()
        return (user, item)
    }
}
