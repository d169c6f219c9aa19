import CascadeCore

/// Makes identifiers of rows that have none: equal rows of a table get the same one, on every run and machine.
final class RowHasher {
    private let seed: UInt64
    private let entitySeed: UInt64
    private let arena = ByteArena()

    /// Rows of different data sets and tables have different identifiers.
    init(dataset: String, table: String) {
        seed = StableHash.hash("\(dataset)\u{0}\(table)")
        entitySeed = StableHash.hash(dataset)
    }

    /// 32 hexadecimal digits for all cells of the row.
    func identifier(of record: RawRecord) -> String {
        if record.isIdentifiedByRaw {
            return StableHash.identifier(UnsafeRawBufferPointer(record.raw), seed: seed)
        }
        arena.reset(room: record.fields.reduce(record.fields.count) { $0 + $1.count })
        for field in record.fields { add(field) }
        return StableHash.identifier(UnsafeRawBufferPointer(start: arena.base, count: arena.count), seed: seed)
    }

    /// 32 hexadecimal digits for the cells of `columns`.
    func identifier(of record: RawRecord, columns: [Column]) -> String {
        gather(record, columns)
        return StableHash.identifier(UnsafeRawBufferPointer(start: arena.base, count: arena.count), seed: seed)
    }

    /// 32 hexadecimal digits for a user or item that is named by the cells of `columns`, in any table.
    func entityIdentifier(of record: RawRecord, columns: [Column]) -> String {
        gather(record, columns)
        return StableHash.identifier(UnsafeRawBufferPointer(start: arena.base, count: arena.count), seed: entitySeed)
    }

    /// A number for the cells of `columns`.
    func number(of record: RawRecord, columns: [Column]) -> UInt64 {
        gather(record, columns)
        return StableHash.hash(UnsafeRawBufferPointer(start: arena.base, count: arena.count), seed: seed)
    }

    private func gather(_ record: RawRecord, _ columns: [Column]) {
        arena.reset(room: columns.reduce(columns.count) { $0 + record.fields[$1.index].count })
        for column in columns { add(record.fields[column.index]) }
    }

    /// The separator keeps `ab, c` and `a, bc` apart.
    private func add(_ field: FieldBytes) {
        arena.append(field.base, count: field.count)
        arena.append(FieldBytes.listSeparator)
    }
}
