import CascadeCore
import HTTPTypes
import Hummingbird

/// The items of the catalog, one by one, in batches and as a list.
struct ItemController: Sendable {
    let catalog: any CatalogStore

    func put(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = ItemID(call.identifier("item_id", problems))
        let (item, entries) = ItemDocument.item(id, try call.object(problems))
        try problems.check()
        let vectors = VectorsDocument.vectors(entries, of: id, try await definitions(entries), problems)
        try problems.check()
        let isNew = try await catalog.put(item, vectors: vectors)
        return .stored(ItemDocument.json(of: item), isNew: isNew, in: "items", id.rawValue)
    }

    func patch(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = ItemID(call.identifier("item_id", problems))
        let patch = try JSONParser.parse(call.body)
        try problems.check()
        let definitions = patch["vectors"] == nil ? [] : try await catalog.vectorDefinitions()
        let changed = try await catalog.change(id) { item in
            let problems = Problems()
            let change = ItemDocument.change(of: item, by: ObjectReader(patch, problems: problems), definitions)
            try problems.check()
            return change
        }
        guard let changed else { throw RequestFailure.missing("item '\(id)'") }
        return .json(ItemDocument.json(of: changed))
    }

    func get(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = ItemID(call.identifier("item_id", problems))
        try problems.check()
        guard let item = try await catalog.item(id) else { throw RequestFailure.missing("item '\(id)'") }
        return .json(ItemDocument.json(of: item))
    }

    func delete(_ call: Call) async throws -> Response {
        try call.refuseQuery()
        let problems = Problems()
        let id = ItemID(call.identifier("item_id", problems))
        try problems.check()
        guard try await catalog.delete(id) else { throw RequestFailure.missing("item '\(id)'") }
        return Response(status: .noContent)
    }

    func post(_ call: Call) async throws -> Response {
        let batch = try Batch(of: call, "items", maximum: Batch.catalogRows, takesAtomic: true)
        let carriesVectors = batch.rows.contains { $0["vectors"] != nil }
        let definitions = carriesVectors ? try await catalog.vectorDefinitions() : []
        let (rows, outcome) = batch.read { value, pointer, problems in
            ItemDocument.row(ObjectReader(value, at: pointer, problems: problems), definitions)
        }
        let result = try await catalog.put(rows.map(\.item), vectors: rows.flatMap(\.vectors))
        return .json(outcome.json(result))
    }

    func list(_ call: Call) async throws -> Response {
        let problems = Problems()
        let query = QueryReader(call.query, problems: problems)
        var filter = ItemFilter(hidden: query.flag("hidden"))
        filter.category = query.text("category")
        if filter.category == "" { problems.add(query.place("category"), "invalid", "must not be empty") }
        let list = ["items", filter.category ?? "", filter.hidden.map { "\($0)" } ?? ""]
        let page = PageRequest(query, of: list)
        query.refuseUnknown()
        try problems.check()
        let found = try await catalog.items(filter, after: page.place.map { ItemID($0[0]) }, limit: page.readLimit)
        return .json(page.json(found, place: { [$0.id.rawValue] }, ItemDocument.json))
    }

    /// What is declared, asked only where there is something to compare with it.
    private func definitions(_ entries: [VectorsDocument.Entry]) async throws -> [VectorDefinition] {
        entries.isEmpty ? [] : try await catalog.vectorDefinitions()
    }
}
