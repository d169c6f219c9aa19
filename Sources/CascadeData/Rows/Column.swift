import CascadeCore

/// A column that a table's outputs read, found in the file once and for all rows.
struct Column {
    let name: String
    let index: Int
    /// Texts that mean "missing" besides the empty one.
    let missing: [[UInt8]]
    let trims: Bool

    /// The cell of `record`, or nil where it is missing.
    func value(_ record: RawRecord) -> FieldBytes? {
        var field = record.fields[index]
        if field.kind == .absent { return nil }
        if trims { field = Self.trimmed(field) }
        if field.count == 0 { return field.kind == .list ? field : nil }
        for marker in missing where field.equals(marker) { return nil }
        return field
    }

    /// The cell of `record`; a missing one is a problem.
    func required(_ record: RawRecord) throws(RowProblem) -> FieldBytes {
        guard let field = value(record) else { throw problem("is missing") }
        return field
    }

    /// The cell as an identifier.
    func identifier(_ record: RawRecord) throws(RowProblem) -> String {
        let field = try required(record)
        guard field.kind == .text else { throw problem("is a list where an identifier is expected") }
        guard field.count <= IdentifierRules.maximumBytes else {
            throw problem(IdentifierRules.problem(with: field.string) ?? "is no identifier")
        }
        return field.string
    }

    /// The cell as a number, or nil where it is missing.
    func number(_ record: RawRecord) throws(RowProblem) -> Double? {
        guard let field = value(record) else { return nil }
        guard field.kind == .text, let number = NumberText.double(field) else {
            throw problem("'\(Self.shown(field))' is no number")
        }
        return number
    }

    /// The cell as one text, or nil where it is missing.
    func text(_ record: RawRecord) throws(RowProblem) -> String? {
        guard let field = value(record) else { return nil }
        guard field.kind == .text else { throw problem("is a list where one text is expected") }
        return field.string
    }

    func problem(_ reason: String) -> RowProblem { RowProblem(column: name, reason: reason) }

    /// The cell's text for a message, cut where it is long.
    static func shown(_ field: FieldBytes) -> String {
        let text = String(decoding: field.buffer.prefix(60), as: UTF8.self)
        return field.count > 60 ? text + "…" : text
    }

    static func trimmed(_ field: FieldBytes) -> FieldBytes {
        var start = 0
        var end = field.count
        while start < end, field.base[start] == 32 || field.base[start] == 9 { start += 1 }
        while end > start, field.base[end - 1] == 32 || field.base[end - 1] == 9 { end -= 1 }
        return FieldBytes(base: field.base + start, count: end - start, kind: field.kind)
    }
}
