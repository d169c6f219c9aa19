import CPostgres

/// The rows that a statement gave, in its order; they stay valid for as long as this value lives.
package struct Rows: Sendable, RandomAccessCollection {
    private let box: ResultBox
    let columns: Columns

    init(_ box: ResultBox) {
        self.box = box
        columns = Columns(box.pointer)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { Int(PQntuples(box.pointer)) }

    package subscript(position: Int) -> Row { Row(box: box, columns: columns, row: Int32(position)) }

    /// The names of the columns, in the statement's order.
    package var columnNames: [String] { columns.names }

    /// The rows that an INSERT, UPDATE, DELETE, MERGE or SELECT touched.
    package var affected: Int { Int(String(cString: PQcmdTuples(box.pointer))) ?? 0 }

    /// The server's word for what it did, such as `INSERT`.
    var command: String { String(cString: PQcmdStatus(box.pointer)) }

    /// The only row; any other number of rows is an error.
    package func single() throws(PostgresError) -> Row {
        if count != 1 { throw .unexpectedRowCount(expected: "one", actual: count) }
        return self[0]
    }

    /// The only row or nil; more rows are an error.
    package func optional() throws(PostgresError) -> Row? {
        if count > 1 { throw .unexpectedRowCount(expected: "at most one", actual: count) }
        return first
    }

    /// The value of one column in every row.
    package func column<Value: PostgresDecodable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(PostgresError) -> [Value] {
        let position = try columns.position(of: name)
        var values: [Value] = []
        values.reserveCapacity(count)
        for row in self { values.append(try row.decode(position, as: type)) }
        return values
    }
}

/// The columns of a result, looked up once for all of its rows.
final class Columns: Sendable {
    let names: [String]
    let types: [UInt32]
    private let positions: [String: Int]

    init(_ result: OpaquePointer) {
        let count = PQnfields(result)
        names = (0..<count).map { String(cString: PQfname(result, $0)) }
        types = (0..<count).map { PQftype(result, $0) }
        // The first of two columns of the same name wins.
        positions = Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
    }

    func position(of name: String) throws(PostgresError) -> Int {
        guard let position = positions[name] else { throw .unknownColumn(name: name, available: names) }
        return position
    }
}
