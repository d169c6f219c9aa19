import CascadeCore

/// An item of the catalog as JSON.
enum ItemDocument {
    /// Reads the body of `PUT /v1/items/{item_id}`: the item, and the content vectors that come with it.
    static func item(_ id: ItemID, _ reader: ObjectReader) -> (item: Item, vectors: [VectorsDocument.Entry]) {
        reader.check("item_id", equals: id.rawValue)
        let item = Item(
            id: id,
            title: reader.text("title", maximumBytes: 4096),
            creatorID: reader.identifier("creator_id"),
            categories: reader.texts("categories", maximumCount: 100) ?? [],
            attributes: AttributesDocument.attributes(reader),
            createdAt: reader.time("created_at"),
            hidden: reader.flag("hidden") ?? false)
        let vectors = VectorsDocument.entries(reader)
        reader.refuseUnknown()
        return (item, vectors)
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
        reader.check("user_id", equals: id.rawValue)
        let user = User(
            id: id, attributes: AttributesDocument.attributes(reader), createdAt: reader.time("created_at"))
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
