/// A statement as a value: `\(x)` becomes `$n` and a bound value, so that data can never be read as SQL.
///
///     let sql: SQL = "SELECT id FROM items WHERE title = \(title) ORDER BY \(identifier: column) LIMIT \(limit)"
///
/// Text that is to be taken as it stands says so: `\(raw: "DESC")`. Another `SQL` can be interpolated; its values are
/// renumbered.
package struct SQL: Sendable, Equatable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The text before, between and after the values: one more than there are values.
    private(set) var pieces: [String]
    /// The bound values, in order.
    package private(set) var values: [SQLValue]

    /// Takes text as it stands. Never build it from data.
    package init(raw text: String) {
        pieces = [text]
        values = []
    }

    package init(stringLiteral value: String) { self.init(raw: value) }

    package init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
        values = stringInterpolation.values
    }

    /// The statement with `$1`, `$2`, … where values are bound.
    package var text: String {
        guard var text = pieces.first, pieces.count > 1 else { return pieces.first ?? "" }
        for number in 1..<pieces.count {
            text += "$\(number)"
            text += pieces[number]
        }
        return text
    }

    /// The text only: values are never printed.
    package var description: String { text }

    /// One statement after the other.
    package static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.append(right)
        return sum
    }

    /// Adds a statement's text and values at the end.
    package mutating func append(_ other: SQL) {
        pieces[pieces.count - 1] += other.pieces[0]
        pieces.append(contentsOf: other.pieces.dropFirst())
        values.append(contentsOf: other.values)
    }

    /// Puts `separator` between parts; for lists of conditions or of rows.
    package static func joined(_ parts: [SQL], separator: String) -> SQL {
        var sum = SQL(raw: "")
        for (index, part) in parts.enumerated() {
            if index > 0 { sum.append(SQL(raw: separator)) }
            sum.append(part)
        }
        return sum
    }
}

extension SQL {
    /// A name in double quotes, with those inside it doubled; `schema.table` must be given as two names.
    package static func quoted(identifier: String) -> String {
        "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// Collects the pieces of an interpolated statement.
    package struct StringInterpolation: StringInterpolationProtocol {
        var pieces: [String] = [""]
        var values: [SQLValue] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(interpolationCount + 1)
            values.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { pieces[pieces.count - 1] += literal }

        private mutating func bind(_ value: SQLValue) {
            values.append(value)
            pieces.append("")
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some SQLBindable) { bind(value.sqlValue) }

        /// Binds a value or NULL; without it, the compiler warns of every optional in a statement.
        package mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) { bind(value.sqlValue) }

        /// Binds a value that is already described.
        package mutating func appendInterpolation(value: SQLValue) { bind(value) }

        /// Binds a time in microseconds since 1970 as `timestamptz`.
        package mutating func appendInterpolation(timestamp microseconds: Int64?) {
            bind(microseconds.map { .timestamp(PostgresTimestamp(microseconds: $0)) } ?? .null(.timestamptz))
        }

        /// Binds JSON text as `jsonb`.
        package mutating func appendInterpolation(json: String?) { bind(json.map { .json($0) } ?? .null(.jsonb)) }

        /// Binds bytes as `bytea`.
        package mutating func appendInterpolation(bytes: [UInt8]?) {
            bind(bytes.map { .bytes($0) } ?? .null(.bytea))
        }

        /// Inserts another statement with its values.
        package mutating func appendInterpolation(_ part: SQL) {
            pieces[pieces.count - 1] += part.pieces[0]
            pieces.append(contentsOf: part.pieces.dropFirst())
            values.append(contentsOf: part.values)
        }

        /// Inserts a quoted name.
        package mutating func appendInterpolation(identifier: String) {
            appendLiteral(SQL.quoted(identifier: identifier))
        }

        /// Inserts text as it stands. Never pass data.
        package mutating func appendInterpolation(raw text: String) { appendLiteral(text) }
    }
}
