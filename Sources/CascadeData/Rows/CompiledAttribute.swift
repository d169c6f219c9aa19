import CascadeCore

/// An attribute on the columns of a file.
struct CompiledAttribute {
    let name: String
    let column: Column
    private let kind: AttributeKind
    private let separator: [UInt8]

    init(name: String, column: Column, kind: AttributeKind, separator: String?) {
        self.name = name
        self.column = column
        self.kind = kind
        self.separator = Array((separator ?? "").utf8)
    }

    static func all(_ mappings: [AttributeMapping]?, _ resolver: ColumnResolver) -> [CompiledAttribute] {
        (mappings ?? []).flatMap { mapping in
            zip(mapping.names, mapping.allColumns).map { name, column in
                CompiledAttribute(
                    name: name, column: resolver.column(column, missing: mapping.missing ?? []), kind: mapping.kind,
                    separator: mapping.separator)
            }
        }
    }

    /// The row's value, or nil where it is missing.
    func value(_ record: RawRecord) throws(RowProblem) -> AttributeValue? {
        switch kind {
        case .numeric: return try column.number(record).map { .number($0) }
        case .text: return try column.text(record).map { .text($0) }
        case .categorical:
            guard let field = column.value(record) else { return nil }
            guard field.kind == .text else { throw column.problem("is a list where one category is expected") }
            return .text(CellList.token(field))
        case .multi:
            let tokens = CellList.tokens(column, record, separator: separator)
            return tokens.isEmpty ? nil : .list(tokens)
        }
    }
}

/// Takes a cell apart into texts.
enum CellList {
    /// The texts of a cell, without empty and repeated ones, in their order.
    ///
    /// - Parameter verbatim: takes the texts of a JSON list as they stand, empty and repeated ones too.
    static func tokens(
        _ column: Column, _ record: RawRecord, separator: [UInt8], verbatim: Bool = false
    ) -> [String] {
        guard let field = column.value(record), field.count > 0 else { return [] }
        if verbatim, field.kind == .list {
            return field.buffer.split(separator: FieldBytes.listSeparator, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        let mark = field.kind == .list ? [FieldBytes.listSeparator] : separator
        guard let first = mark.first else { return [token(field)] }
        var tokens: [String] = []
        var start = 0
        var position = 0
        func take(until end: Int) {
            let part = Column.trimmed(FieldBytes(base: field.base + start, count: end - start))
            guard part.count > 0, !column.missing.contains(where: { part.equals($0) }) else { return }
            let text = token(part)
            if !tokens.contains(text) { tokens.append(text) }
        }
        while position + mark.count <= field.count {
            let rest = FieldBytes(base: field.base + position, count: mark.count)
            if field.base[position] == first, rest.equals(mark) {
                take(until: position)
                position += mark.count
                start = position
            } else {
                position += 1
            }
        }
        take(until: field.count)
        return tokens
    }

    /// The text of a category; a whole number loses a zero fraction, so that `3.0` and `3` are one category.
    static func token(_ field: FieldBytes) -> String {
        var count = field.count
        if count > 2, field.base[count - 1] == UInt8(ascii: "0"), field.base[count - 2] == UInt8(ascii: ".") {
            let start = field.base[0] == UInt8(ascii: "-") ? 1 : 0
            let digits = UnsafeBufferPointer(start: field.base + start, count: count - 2 - start)
            if !digits.isEmpty, digits.allSatisfy({ $0 &- 48 < 10 }) { count -= 2 }
        }
        return FieldBytes(base: field.base, count: count).string
    }
}
