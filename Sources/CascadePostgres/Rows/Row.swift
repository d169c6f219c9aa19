import CPostgres

/// One row of a result.
package struct Row: Sendable {
    let box: ResultBox
    let columns: Columns
    let row: Int32

    /// The value of a named column; an error names the column, the wanted type and the column's type.
    package func decode<Value: PostgresDecodable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        try decode(try columns.position(of: name), as: type)
    }

    /// The value of the column at a position counted from 0.
    package func decode<Value: PostgresDecodable>(
        _ position: Int, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard columns.names.indices.contains(position) else {
            throw .unknownColumn(name: "#\(position)", available: columns.names)
        }
        return try Value.decode(cell(position))
    }

    private func cell(_ position: Int) -> Cell {
        let column = Int32(position)
        let isNull = PQgetisnull(box.pointer, row, column) == 1
        let start = PQgetvalue(box.pointer, row, column)
        let length = Int(PQgetlength(box.pointer, row, column))
        return Cell(
            name: columns.names[position], typeOID: columns.types[position],
            text: isNull ? nil : UnsafeRawBufferPointer(start: start, count: length))
    }
}

/// One value in Postgres' text format, valid during the call that receives it.
package struct Cell {
    let name: String
    let typeOID: UInt32
    /// The bytes, followed by a zero byte; nil is NULL.
    let text: UnsafeRawBufferPointer?

    /// Nil for a type that has no case in `PostgresType`.
    var type: PostgresType? { PostgresType(rawValue: typeOID) }

    var string: String { text.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    func failure(_ expected: String, _ reason: String) -> PostgresError {
        .decoding(column: name, expected: expected, typeOID: typeOID, reason: reason)
    }

    /// The bytes of a value that must be there and be of one of `types`.
    func require(_ expected: String, _ types: Set<PostgresType>) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard let text else { throw .unexpectedNull(column: name, expected: expected) }
        guard let type, types.contains(type) else { throw failure(expected, "the types differ") }
        return text
    }
}
