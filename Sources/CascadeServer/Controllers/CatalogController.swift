import CascadeCore
import Foundation
import HTTPTypes
import Hummingbird

/// `PUT` and `GET` of items and users.
struct CatalogController: Sendable {
    let catalog: any CatalogStore

    func putItem(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = ItemID(call.identifier("item_id", problems))
        let (item, entries) = ItemDocument.item(id, try call.object(problems))
        try problems.check()
        let vectors =
            entries.isEmpty
            ? []
            : VectorsDocument.vectors(entries, of: id, try await catalog.vectorDefinitions(), problems)
        try problems.check()
        let isNew = try await catalog.put(item, vectors: vectors)
        return stored(ItemDocument.json(of: item), isNew: isNew, "items", id.rawValue)
    }

    func getItem(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = ItemID(call.identifier("item_id", problems))
        try problems.check()
        guard let item = try await catalog.item(id) else { throw RequestFailure.missing("item '\(id)'") }
        return .json(ItemDocument.json(of: item))
    }

    func putUser(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = UserID(call.identifier("user_id", problems))
        let user = UserDocument.user(id, try call.object(problems))
        try problems.check()
        let isNew = try await catalog.put(user)
        return stored(UserDocument.json(of: user), isNew: isNew, "users", id.rawValue)
    }

    func getUser(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = UserID(call.identifier("user_id", problems))
        try problems.check()
        guard let user = try await catalog.user(id) else { throw RequestFailure.missing("user '\(id)'") }
        return .json(UserDocument.json(of: user))
    }

    private func stored(_ body: JSONValue, isNew: Bool, _ collection: String, _ id: String) -> Response {
        var response = Response.json(body, status: isNew ? .created : .ok)
        if isNew, let segment = id.addingPercentEncoding(withAllowedCharacters: Self.unreserved) {
            response.headers[.location] = "/v1/\(collection)/\(segment)"
        }
        return response
    }

    /// The characters that RFC 3986 leaves as they are.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
