/// A value bound to a statement; it travels apart from the statement's text, never inside it.
package enum SQLValue: Equatable, Sendable {
    case null(PostgresType)
    case text(String)
    case int(Int64)
    case int32(Int32)
    case double(Double)
    case bool(Bool)
    case timestamp(PostgresTimestamp)
    case json(String)
    case bytes([UInt8])
    case texts([String])
    case ints([Int64])
    case doubles([Double])

    /// The type under which the value is sent.
    package var type: PostgresType {
        switch self {
        case .null(let type): type
        case .text: .text
        case .int: .int8
        case .int32: .int4
        case .double: .float8
        case .bool: .bool
        case .timestamp: .timestamptz
        case .json: .jsonb
        case .bytes: .bytea
        case .texts: .textArray
        case .ints: .int8Array
        case .doubles: .float8Array
        }
    }
}

/// A Swift type that can be interpolated into `SQL`.
package protocol SQLBindable {
    /// The Postgres type, also of an absent value.
    static var sqlType: PostgresType { get }
    /// The value to bind.
    var sqlValue: SQLValue { get }
}

extension String: SQLBindable {
    package static var sqlType: PostgresType { .text }
    package var sqlValue: SQLValue { .text(self) }
}

extension Int: SQLBindable {
    package static var sqlType: PostgresType { .int8 }
    package var sqlValue: SQLValue { .int(Int64(self)) }
}

extension Int64: SQLBindable {
    package static var sqlType: PostgresType { .int8 }
    package var sqlValue: SQLValue { .int(self) }
}

extension Int32: SQLBindable {
    package static var sqlType: PostgresType { .int4 }
    package var sqlValue: SQLValue { .int32(self) }
}

extension Double: SQLBindable {
    package static var sqlType: PostgresType { .float8 }
    package var sqlValue: SQLValue { .double(self) }
}

extension Float: SQLBindable {
    package static var sqlType: PostgresType { .float8 }
    package var sqlValue: SQLValue { .double(Double(self)) }
}

extension Bool: SQLBindable {
    package static var sqlType: PostgresType { .bool }
    package var sqlValue: SQLValue { .bool(self) }
}

extension PostgresTimestamp: SQLBindable {
    package static var sqlType: PostgresType { .timestamptz }
    package var sqlValue: SQLValue { .timestamp(self) }
}

extension Optional: SQLBindable where Wrapped: SQLBindable {
    package static var sqlType: PostgresType { Wrapped.sqlType }
    package var sqlValue: SQLValue { map(\.sqlValue) ?? .null(Wrapped.sqlType) }
}
