import CascadeCore
import CascadePostgres

extension Item {
    static let columns = "item_id, title, creator_id, categories, attributes, created_at, hidden, vectors_version"

    /// Reads a row of a query for `columns`.
    init(_ row: Row) throws {
        self.init(
            id: ItemID(try row.decode("item_id")), title: try row.decode("title"),
            creatorID: try row.decode("creator_id"), categories: try row.decode("categories"),
            attributes: try AttributesDecoder.decode(try row.decode("attributes", as: String.self)),
            createdAt: try row.decode("created_at", as: PostgresTimestamp?.self).map(Timestamp.init),
            hidden: try row.decode("hidden"), vectorsVersion: try row.decode("vectors_version"))
    }

    /// Reads a row of a binary COPY of `columns`.
    init(_ row: CopyOutRow) throws {
        self.init(
            id: ItemID(try row.string(0)), title: row.isNull(1) ? nil : try row.string(1),
            creatorID: row.isNull(2) ? nil : try row.string(2), categories: try row.strings(3),
            attributes: try row.attributes(4),
            createdAt: row.isNull(5) ? nil : Timestamp(microseconds: try row.microseconds(5)), hidden: try row.bool(6),
            vectorsVersion: row.isNull(7) ? nil : try row.string(7))
    }
}

extension User {
    static let columns = "user_id, attributes, created_at"

    /// Reads a row of a query for `columns`.
    init(_ row: Row) throws {
        self.init(
            id: UserID(try row.decode("user_id")),
            attributes: try AttributesDecoder.decode(try row.decode("attributes", as: String.self)),
            createdAt: try row.decode("created_at", as: PostgresTimestamp?.self).map(Timestamp.init))
    }

    /// Reads a row of a binary COPY of `columns`.
    init(_ row: CopyOutRow) throws {
        self.init(
            id: UserID(try row.string(0)), attributes: try row.attributes(1),
            createdAt: row.isNull(2) ? nil : Timestamp(microseconds: try row.microseconds(2)))
    }
}

extension CopyOutRow {
    /// The attributes in a `jsonb` field, which starts with a byte for the version of its format.
    fileprivate func attributes(_ position: Int) throws -> [String: AttributeValue] {
        try AttributesDecoder.decode(UnsafeRawBufferPointer(rebasing: try bytes(position).dropFirst()))
    }
}

extension Timestamp {
    init(_ time: PostgresTimestamp) { self.init(microseconds: time.microseconds) }

    /// The same time for a statement's parameter.
    var sql: PostgresTimestamp { PostgresTimestamp(microseconds: microseconds) }
}
