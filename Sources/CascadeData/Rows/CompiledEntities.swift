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
    /// The columns that make the user what it is.
    let content: [Column]

    init(_ mapping: UserMapping, _ resolver: ColumnResolver) {
        id = EntityKey(mapping.id, resolver)
        createdAt = mapping.createdAt.map { TimeColumn($0, resolver, required: false) }
        attributes = CompiledAttribute.all(mapping.attributes, resolver)
        content = attributes.map(\.column)
    }

    func build(_ record: RawRecord, number: Int, _ hasher: RowHasher) throws(RowProblem) -> User {
        var user = User(id: UserID(try id.value(record, hasher)))
        user.attributes = try values(of: attributes, record)
        user.createdAt = try createdAt?.value(record, number: number)
        return user
    }
}

/// An item on the columns of a file.
struct CompiledItem {
    let id: EntityKey
    private let title: Column?
    private let creator: Column?
    private let categories: (column: Column, separator: [UInt8])?
    private let createdAt: TimeColumn?
    private let hidden: CompiledCondition?
    private let attributes: [CompiledAttribute]
    /// The columns that make the item what it is.
    let content: [Column]

    init(_ mapping: ItemMapping, _ resolver: ColumnResolver) {
        id = EntityKey(mapping.id, resolver)
        title = mapping.title.map { resolver.column($0) }
        creator = mapping.creator.map { resolver.column($0) }
        categories = mapping.categories.map { (resolver.column($0.column), Array(($0.separator ?? "").utf8)) }
        createdAt = mapping.createdAt.map { TimeColumn($0, resolver, required: false) }
        hidden = mapping.hidden.map { CompiledCondition($0, resolver) }
        attributes = CompiledAttribute.all(mapping.attributes, resolver)
        content = [title, creator, categories?.column].compactMap { $0 } + attributes.map(\.column)
    }

    func build(_ record: RawRecord, number: Int, _ hasher: RowHasher) throws(RowProblem) -> Item {
        var item = Item(id: ItemID(try id.value(record, hasher)))
        item.title = try title?.text(record)
        item.creatorID = try creator?.text(record)
        if let categories {
            item.categories = CellList.tokens(categories.column, record, separator: categories.separator)
        }
        item.attributes = try values(of: attributes, record)
        item.createdAt = try createdAt?.value(record, number: number)
        if let hidden { item.hidden = try hidden.test(record) == .yes }
        return item
    }
}

private func values(
    of attributes: [CompiledAttribute], _ record: RawRecord
) throws(RowProblem) -> [String: AttributeValue] {
    guard !attributes.isEmpty else { return [:] }
    var values = [String: AttributeValue](minimumCapacity: attributes.count)
    for attribute in attributes {
        if let value = try attribute.value(record) { values[attribute.name] = value }
    }
    return values
}
