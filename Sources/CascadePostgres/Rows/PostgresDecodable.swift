import Foundation

/// A Swift type that can be read from a column of a result.
package protocol PostgresDecodable {
    /// Reads the value; throws `.unexpectedNull` or `.decoding`.
    static func decode(_ cell: Cell) throws(PostgresError) -> Self
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Self {
        cell.text == nil ? nil : try Wrapped.decode(cell)
    }
}

/// Any type can be read as the text that the server prints for it.
extension String: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> String {
        guard cell.text != nil else { throw .unexpectedNull(column: cell.name, expected: "String") }
        return cell.string
    }
}

extension Bool: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Bool {
        try cell.require("Bool", [.bool]).first == UInt8(ascii: "t")
    }
}

extension PostgresTimestamp: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> PostgresTimestamp {
        let text = try cell.require("PostgresTimestamp", [.timestamptz, .timestamp, .date])
        guard let value = PostgresTimestamp(text: text) else {
            throw cell.failure("PostgresTimestamp", "it is not in ISO format; keep DateStyle at ISO")
        }
        return value
    }
}

extension Int64: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Int64 { try cell.integer("Int64") }
}

extension Int: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Int { try cell.integer("Int") }
}

extension Int32: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Int32 { try cell.integer("Int32") }
}

extension UInt32: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> UInt32 { try cell.integer("UInt32") }
}

extension Double: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Double { try cell.floating("Double") }
}

extension Float: PostgresDecodable {
    package static func decode(_ cell: Cell) throws(PostgresError) -> Float {
        Float(try cell.floating("Float"))
    }
}

extension Cell {
    fileprivate func integer<Value: FixedWidthInteger>(_ expected: String) throws(PostgresError) -> Value {
        let text = try require(expected, [.int2, .int4, .int8, .oid, .numeric])
        guard let value = Value(String(decoding: text, as: UTF8.self)) else {
            throw failure(expected, "the number has a fraction or does not fit")
        }
        return value
    }

    fileprivate func floating(_ expected: String) throws(PostgresError) -> Double {
        let text = try require(expected, [.float4, .float8, .numeric, .int2, .int4, .int8])
        guard let start = text.baseAddress else { throw failure(expected, "the value is empty") }
        // libpq ends every value with a zero byte, and the process keeps the C locale.
        return strtod(start.assumingMemoryBound(to: CChar.self), nil)
    }
}
