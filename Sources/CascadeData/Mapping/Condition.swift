/// A test of a row as it is written in a mapping: `column op value`, joined by `and`.
///
/// Operators are `==`, `!=`, `<`, `<=`, `>`, `>=`, `is present` and `is missing`. The value is a number or a text, in
/// quotes where it has spaces at its ends.
struct Condition: Equatable {
    enum Comparison: String, CaseIterable {
        // The longer ones come first, so that `<=` is not read as `<`.
        case equal = "=="
        case different = "!="
        case atMost = "<="
        case atLeast = ">="
        case less = "<"
        case greater = ">"
    }

    enum Test: Equatable {
        case compare(Comparison, text: [UInt8], number: Double?)
        case isPresent
        case isMissing
    }

    struct Clause: Equatable {
        let column: String
        let test: Test
    }

    let clauses: [Clause]

    /// Reads the text of a condition; the failure says what is wrong with it.
    static func parse(_ text: String) -> Result<Condition, RowReason> {
        var clauses: [Clause] = []
        for part in text.split(separator: " and ", omittingEmptySubsequences: false) {
            switch clause(String(part)) {
            case .success(let clause): clauses.append(clause)
            case .failure(let reason): return .failure(reason)
            }
        }
        return .success(Condition(clauses: clauses))
    }

    private static func clause(_ text: String) -> Result<Clause, RowReason> {
        let trimmed = trim(text)
        for (suffix, test) in [(" is present", Test.isPresent), (" is missing", .isMissing)]
        where trimmed.hasSuffix(suffix) {
            return named(trim(trimmed.dropLast(suffix.count)), test: test, in: text)
        }
        for comparison in Comparison.allCases {
            guard let range = trimmed.firstRange(of: comparison.rawValue) else { continue }
            let value = unquoted(trim(trimmed[range.upperBound...]))
            let number = value.withBytes(NumberText.double)
            if number == nil, comparison != .equal, comparison != .different {
                return .failure(RowReason("'\(text)' compares with '\(value)', which is no number"))
            }
            let test = Test.compare(comparison, text: Array(value.utf8), number: number)
            return named(trim(trimmed[..<range.lowerBound]), test: test, in: text)
        }
        return .failure(
            RowReason(
                "'\(text)' is no condition; write 'column == value' (or !=, <, <=, >, >=, is present, is missing)"))
    }

    private static func named(_ column: String, test: Test, in text: String) -> Result<Clause, RowReason> {
        column.isEmpty ? .failure(RowReason("'\(text)' names no column")) : .success(Clause(column: column, test: test))
    }

    private static func trim(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == text.last, first == "'" || first == "\"" else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }
}

extension String {
    /// Runs `body` on the text's bytes as a field.
    func withBytes<Value>(_ body: (FieldBytes) -> Value?) -> Value? {
        var copy = self
        return copy.withUTF8 { bytes in
            bytes.baseAddress.flatMap { body(FieldBytes(base: $0, count: bytes.count)) }
        }
    }
}
