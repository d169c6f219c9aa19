import Testing

@testable import CascadePostgres

@Suite struct SQLTests {
    @Test func valuesBecomeNumberedParameters() {
        let name = "x'; DROP TABLE items; --"
        let sql: SQL = "SELECT \(1) FROM items WHERE title = \(name) AND hidden = \(false)"
        #expect(sql.text == "SELECT $1 FROM items WHERE title = $2 AND hidden = $3")
        #expect(sql.values == [.int(1), .text(name), .bool(false)])
        #expect(!"\(sql)".contains("DROP"))
    }

    @Test func everyBindableTypeKeepsItsType() {
        let absent: Double? = nil
        let sql: SQL = """
            \(Int64(1)) \(Int32(2)) \(1.5) \(absent) \(["a"]) \([Int64(3)]) \([4]) \([Float(0.5)]) \
            \(timestamp: 7) \(timestamp: nil) \(json: "{}") \(json: nil) \(bytes: [1])
            """
        #expect(
            sql.values == [
                .int(1), .int32(2), .double(1.5), .null(.float8), .texts(["a"]), .ints([3]), .ints([4]),
                .doubles([0.5]),
                .timestamp(PostgresTimestamp(microseconds: 7)), .null(.timestamptz), .json("{}"), .null(.jsonb),
                .bytes([1]),
            ])
    }

    @Test func insertedStatementsAreRenumbered() {
        let condition: SQL = "a = \(1) AND b = \("two")"
        let sql: SQL = "SELECT \(0) FROM t WHERE \(condition) OR c = \(3)"
        #expect(sql.text == "SELECT $1 FROM t WHERE a = $2 AND b = $3 OR c = $4")
        #expect(sql.values == [.int(0), .int(1), .text("two"), .int(3)])
        let joined = SQL.joined(["x = \(1)", "y = \(2)"], separator: " AND ")
        #expect((SQL(raw: "WHERE ") + joined).text == "WHERE x = $1 AND y = $2")
    }

    @Test func namesAreQuotedAndRawTextIsNot() {
        let sql: SQL = "SELECT \(identifier: "a\"b") FROM t ORDER BY 1 \(raw: "DESC")"
        #expect(sql.text == "SELECT \"a\"\"b\" FROM t ORDER BY 1 DESC")
        #expect(sql.values.isEmpty)
    }

    @Test func inliningQuotesAndCasts() throws {
        let sql: SQL = "SELECT \("it's \\ $1") , \(-5), \([String]()), \(["a'"]), \(String?.none)"
        #expect(
            try sql.inlined()
                == "SELECT 'it''s \\ $1'::text , '-5'::int8, ARRAY[]::text[], ARRAY['a''']::text[], NULL::text")
        #expect(throws: PostgresError.self) { try SQL("\("a\0b")").inlined() }
    }

    @Test func aNulCharacterIsRefusedBeforeItIsSent() {
        let error = #expect(throws: PostgresError.self) { try ParameterBuffer([.int(1), .text("secret\0")]) }
        #expect("\(error, default: "")".contains("$2"))
        #expect(!"\(error, default: "")".contains("secret"))
        #expect(throws: PostgresError.self) { try ParameterBuffer([.texts(["ok", "\0"])]) }
    }
}
