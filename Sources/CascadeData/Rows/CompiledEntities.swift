import CascadeCore

/// What names a user or an item: a cell, or several that are hashed (the same way in all tables of a data set).
struct EntityKey {
    let columns: [Column]

    init(_ mapping: OneOrMany, _ resolver: ColumnResolver) {
        columns = mapping.all.map { resolver.column($0, required: true) }
    }

    func value(_ record: RawRecord, _ hasher: RowHasher) throws(RowProblem) -> String {
        if columns.count == 1 { return try columns[0].identifier(record) }
        for column in columns { _ = try column.required(record) }
        return hasher.entityIdentifier(of: record, columns: columns)
    }
}

/// A user on the columns of a file.
struct CompiledUser {
    let id: EntityKey
    private let createdAt: TimeColumn?
    private let attributes: [CompiledAttribute]
    private let objects: [CompiledAttributeObject]
    /// The columns that make the user what it is.
    let content: [Column]

    init(_ mapping: UserMapping, _ resolver: ColumnResolver, _ declared: DeclaredAttributes) {
        id = EntityKey(mapping.id, resolver)
        createdAt = mapping.createdAt.map { TimeColumn($0, resolver, required: false) }
        attributes = CompiledAttribute.all(mapping.attributes, resolver)
        objects = CompiledAttributeObject.all(mapping.attributesFrom, of: .user, resolver, declared)
        content = attributes.map(\.column) + objects.map(\.column)
    }

    func build(_ record: RawRecord, number: Int, _ hasher: RowHasher) throws(RowProblem) -> User {
        var user = User(id: UserID(try id.value(record, hasher)))
        user.attributes = try values(of: attributes, objects, record)
        user.createdAt = try createdAt?.value(record, number: number)
        return user
    }
}

/// An item on the columns of a file.
struct CompiledItem {
    let id: EntityKey
    private let title: Column?
    private let creator: Column?
    private let categories: (column: Column, separator: [UInt8], verbatim: Bool)?
    private let createdAt: TimeColumn?
    private let hidden: CompiledCondition?
    private let attributes: [CompiledAttribute]
    private let objects: [CompiledAttributeObject]
    /// The columns that make the item what it is.
    let content: [Column]

    init(_ mapping: ItemMapping, _ resolver: ColumnResolver, _ declared: DeclaredAttributes) {
        id = EntityKey(mapping.id, resolver)
        title = mapping.title.map { resolver.column($0) }
        creator = mapping.creator.map { resolver.column($0) }
        categories = mapping.categories.map {
            (resolver.column($0.column), Array(($0.separator ?? "").utf8), $0.verbatim ?? false)
        }
        createdAt = mapping.createdAt.map { TimeColumn($0, resolver, required: false) }
        hidden = mapping.hidden.map { CompiledCondition($0, resolver) }
        attributes = CompiledAttribute.all(mapping.attributes, resolver)
        objects = CompiledAttributeObject.all(mapping.attributesFrom, of: .item, resolver, declared)
        content =
            [title, creator, categories?.column].compactMap { $0 } + attributes.map(\.column) + objects.map(\.column)
    }

    func build(_ record: RawRecord, number: Int, _ hasher: RowHasher) throws(RowProblem) -> Item {
        var item = Item(id: ItemID(try id.value(record, hasher)))
        item.title = try title?.text(record)
        item.creatorID = try creator?.text(record)
        if let categories {
            item.categories = CellList.tokens(
                categories.column, record, separator: categories.separator, verbatim: categories.verbatim)
        }
        item.attributes = try values(of: attributes, objects, record)
        item.createdAt = try createdAt?.value(record, number: number)
        if let hidden { item.hidden = try hidden.test(record) == .yes }
        return item
    }
}

private func values(
    of attributes: [CompiledAttribute], _ objects: [CompiledAttributeObject], _ record: RawRecord
) throws(RowProblem) -> [String: AttributeValue] {
    guard !attributes.isEmpty || !objects.isEmpty else { return [:] }
    var values = [String: AttributeValue](minimumCapacity: attributes.count)
    for attribute in attributes {
        if let value = try attribute.value(record) { values[attribute.name] = value }
    }
    for object in objects { values.merge(try object.values(record)) { $1 } }
    return values
}
