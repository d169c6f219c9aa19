import CascadeCore
import HTTPTypes
import Hummingbird

/// The users, one by one, in batches and as a list, with what they did.
struct UserController: Sendable {
    let catalog: any CatalogStore
    let feedback: any FeedbackStore
    let eraser: any UserEraser
    /// Event types that are taken; nil takes any.
    let eventTypes: Set<String>?

    func put(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = UserID(call.identifier("user_id", problems))
        let user = UserDocument.user(id, try call.object(problems))
        try problems.check()
        let isNew = try await catalog.put(user)
        return .stored(UserDocument.json(of: user), isNew: isNew, in: "users", id.rawValue)
    }

    func patch(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let id = try id(of: call)
        let patch = try JSONParser.parse(call.body)
        let changed = try await catalog.change(id) { user in
            let problems = Problems()
            let user = UserDocument.changed(user, by: ObjectReader(patch, problems: problems))
            try problems.check()
            return user
        }
        guard let changed else { throw RequestFailure.missing("user '\(id)'") }
        return .json(UserDocument.json(of: changed))
    }

    func get(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let id = try id(of: call)
        guard let user = try await catalog.user(id) else { throw RequestFailure.missing("user '\(id)'") }
        return .json(UserDocument.json(of: user))
    }

    /// A user of whom there is anything, such as an event, can be deleted, known by a document or not.
    func delete(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let id = try id(of: call)
        guard let erasure = try await eraser.erase(id) else { throw RequestFailure.missing("user '\(id)'") }
        return .json(ErasureDocument.json(of: erasure, id))
    }

    func post(_ call: Call) async throws -> Response {
        let batch = try Batch(of: call, "users", maximum: Batch.catalogRows, takesAtomic: true)
        let (users, outcome) = batch.read { value, pointer, problems in
            UserDocument.row(ObjectReader(value, at: pointer, problems: problems))
        }
        return .json(outcome.json(try await catalog.put(users)))
    }

    func list(_ call: Call) async throws -> Response {
        let problems = Problems()
        let query = QueryReader(call.query, problems: problems)
        let page = PageRequest(query, of: ["users"])
        query.refuseUnknown()
        try problems.check()
        let found = try await catalog.users(after: page.place.map { UserID($0[0]) }, limit: page.readLimit)
        return .json(page.json(found, place: { [$0.id.rawValue] }, UserDocument.json))
    }

    func events(_ call: Call) async throws -> Response {
        let problems = Problems()
        let id = UserID(call.identifier("user_id", problems))
        let query = QueryReader(call.query, problems: problems)
        let type = query.text("type").flatMap {
            EventDocument.type($0, at: query.place("type"), problems, types: eventTypes)
        }
        let page = PageRequest(query, of: ["events", id.rawValue, type ?? ""], parts: 2)
        let place = page.place.flatMap { EventDocument.place(of: $0) }
        if place == nil, page.place != nil { page.refuseCursor(query) }
        query.refuseUnknown()
        try problems.check()
        let found = try await feedback.events(of: id, type: type, after: place, limit: page.readLimit)
        return .json(page.json(found, place: EventDocument.parts, EventDocument.json))
    }

    private func id(of call: Call) throws -> UserID {
        let problems = Problems()
        let id = UserID(call.identifier("user_id", problems))
        try problems.check()
        return id
    }
}
