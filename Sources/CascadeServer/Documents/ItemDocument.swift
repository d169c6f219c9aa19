import CascadeCore

/// An item of the catalog as JSON.
enum ItemDocument {
    /// Reads the body of `PUT /v1/items/{item_id}`: the item, and the content vectors that come with it.
    static func item(_ id: ItemID, _ reader: ObjectReader) -> (item: Item, vectors: [VectorsDocument.Entry]) {
        reader.check("item_id", equals: id.rawValue)
        let item = changed(Item(id: id), by: reader)
        let vectors = VectorsDocument.entries(reader)
        reader.refuseUnknown()
        return (item, vectors)
    }

    /// Reads one element of `POST /v1/items`: the same, with the identifier in it.
    static func row(_ reader: ObjectReader, _ definitions: [VectorDefinition]) -> (item: Item, vectors: [ItemVector]) {
        let id = ItemID(reader.identifier("item_id", required: true) ?? "")
        let item = changed(Item(id: id), by: reader)
        let vectors = VectorsDocument.vectors(VectorsDocument.entries(reader), of: id, definitions, reader.problems)
        reader.refuseUnknown()
        return (item, vectors)
    }

    /// Reads the body of `PATCH /v1/items/{item_id}`: the members that it has take the place of those of `item`, and null
    /// clears them.
    static func change(
        of item: Item, by reader: ObjectReader, _ definitions: [VectorDefinition]
    ) -> ItemChange {
        reader.check("item_id", equals: item.id.rawValue)
        var change = ItemChange(item: changed(item, by: reader))
        change.removedVectors = VectorsDocument.removed(reader, definitions)
        let entries = VectorsDocument.entries(reader, except: change.removedVectors)
        change.vectors = VectorsDocument.vectors(entries, of: item.id, definitions, reader.problems)
        reader.refuseUnknown()
        return change
    }

    /// `item` with the members that `reader` has.
    private static func changed(_ item: Item, by reader: ObjectReader) -> Item {
        var item = item
        if reader.has("title") { item.title = reader.text("title", maximumBytes: 4096) }
        if reader.has("creator_id") { item.creatorID = reader.identifier("creator_id") }
        if reader.has("categories") { item.categories = reader.texts("categories", maximumCount: 100) ?? [] }
        AttributesDocument.lay(reader, over: &item.attributes)
        if reader.has("created_at") { item.createdAt = reader.time("created_at") }
        if reader.has("hidden") { item.hidden = reader.flag("hidden") ?? false }
        return item
    }

    /// The body of `GET /v1/items/{item_id}`; a `PUT` takes it back as it is. Content vectors are
    /// not told.
    static func json(of item: Item) -> JSONValue {
        [
            "item_id": .string(item.id.rawValue),
            "title": .text(item.title),
            "creator_id": .text(item.creatorID),
            "categories": .array(item.categories.map { .string($0) }),
            "attributes": AttributesDocument.json(of: item.attributes),
            "created_at": .text(item.createdAt?.rfc3339),
            "hidden": .bool(item.hidden),
        ]
    }

    /// The `attributes` member of a recommended item: what is known of it, absent members left out.
    static func catalogMembers(of item: Item) -> JSONValue {
        var members: [JSONValue.Member] = []
        if let title = item.title { members.append(.init("title", .string(title))) }
        if let creatorID = item.creatorID { members.append(.init("creator_id", .string(creatorID))) }
        members.append(.init("categories", .array(item.categories.map { .string($0) })))
        if let createdAt = item.createdAt { members.append(.init("created_at", .string(createdAt.rfc3339))) }
        members.append(.init("attributes", AttributesDocument.json(of: item.attributes)))
        return .object(members)
    }
}

/// A user as JSON.
enum UserDocument {
    /// Reads the body of `PUT /v1/users/{user_id}`.
    static func user(_ id: UserID, _ reader: ObjectReader) -> User {
        changed(User(id: id), by: reader)
    }

    /// Reads one element of `POST /v1/users`: the same, with the identifier in it.
    static func row(_ reader: ObjectReader) -> User {
        laid(reader, over: User(id: UserID(reader.identifier("user_id", required: true) ?? "")))
    }

    /// Reads the body of `PATCH /v1/users/{user_id}`: the members that it has take the place of those of `user`, and null
    /// clears them.
    static func changed(_ user: User, by reader: ObjectReader) -> User {
        reader.check("user_id", equals: user.id.rawValue)
        return laid(reader, over: user)
    }

    private static func laid(_ reader: ObjectReader, over user: User) -> User {
        var user = user
        AttributesDocument.lay(reader, over: &user.attributes)
        if reader.has("created_at") { user.createdAt = reader.time("created_at") }
        reader.refuseUnknown()
        return user
    }

    /// The body of `GET /v1/users/{user_id}`; a `PUT` takes it back as it is.
    static func json(of user: User) -> JSONValue {
        [
            "user_id": .string(user.id.rawValue),
            "attributes": AttributesDocument.json(of: user.attributes),
            "created_at": .text(user.createdAt?.rfc3339),
        ]
    }
}
