/// A Swift type whose arrays can be interpolated into `SQL`, for `= ANY($1)` and `unnest($1)`.
package protocol SQLArrayElement {
    /// The Postgres type of the array.
    static var sqlArrayType: PostgresType { get }
    /// The value to bind for an array.
    static func sqlArray(_ elements: [Self]) -> SQLValue
}

extension String: SQLArrayElement {
    package static var sqlArrayType: PostgresType { .textArray }
    package static func sqlArray(_ elements: [String]) -> SQLValue { .texts(elements) }
}

extension Int64: SQLArrayElement {
    package static var sqlArrayType: PostgresType { .int8Array }
    package static func sqlArray(_ elements: [Int64]) -> SQLValue { .ints(elements) }
}

extension Int: SQLArrayElement {
    package static var sqlArrayType: PostgresType { .int8Array }
    package static func sqlArray(_ elements: [Int]) -> SQLValue { .ints(elements.map(Int64.init)) }
}

extension Double: SQLArrayElement {
    package static var sqlArrayType: PostgresType { .float8Array }
    package static func sqlArray(_ elements: [Double]) -> SQLValue { .doubles(elements) }
}

extension Float: SQLArrayElement {
    package static var sqlArrayType: PostgresType { .float8Array }
    package static func sqlArray(_ elements: [Float]) -> SQLValue { .doubles(elements.map(Double.init)) }
}

extension Array: SQLBindable where Element: SQLArrayElement {
    package static var sqlType: PostgresType { Element.sqlArrayType }
    package var sqlValue: SQLValue { Element.sqlArray(self) }
}
