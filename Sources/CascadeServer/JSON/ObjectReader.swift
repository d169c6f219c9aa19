import CascadeCore

/// Reads the members of a JSON object and notes each problem with a pointer; members nobody read are problems too.
///
/// A member that is null counts as absent. Reading a member that is wrong gives nil and adds a problem; so the caller
/// reads all members, calls `refuseUnknown` and looks at the problems once.
final class ObjectReader {
    let pointer: String
    let problems: Problems
    private let members: [String: JSONValue]
    private var known: Set<String> = []

    /// Adds a problem when `value` is no object; then there is nothing to read.
    init(_ value: JSONValue, at pointer: String = "", problems: Problems) {
        self.pointer = pointer
        self.problems = problems
        if case .object(let list) = value {
            members = Dictionary(list.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        } else {
            members = [:]
            problems.add(pointer, "wrong_type", "must be an object, not \(value.kind)")
        }
    }

    /// The value of member `name`, or nil where it is absent or null; then a problem when it is required.
    func value(_ name: String, required: Bool = false) -> JSONValue? {
        known.insert(name)
        if let value = members[name], value != .null { return value }
        if required { problems.add(place(name), "missing", "is required") }
        return nil
    }

    /// Whether member `name` is there, null or not.
    func has(_ name: String) -> Bool {
        known.insert(name)
        return members[name] != nil
    }

    /// Adds a problem when member `name` is there and is not the text `expected`.
    func check(_ name: String, equals expected: String) {
        guard let value = value(name), value != .string(expected) else { return }
        problems.add(place(name), "invalid", "must be the identifier of the path, or be left out")
    }

    /// Any text.
    func string(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { return wrongType(name, "text", value) }
        return text
    }

    /// A list of any texts.
    func strings(_ name: String) -> [String]? {
        elements(name, count: 0...Int.max)?.compactMap { element in
            if case .string(let text) = element.value { return text }
            problems.add(element.pointer, "wrong_type", "must be text, not \(element.value.kind)")
            return nil
        }
    }

    /// Text of at most `maximumBytes` bytes of UTF-8, not empty.
    func text(_ name: String, required: Bool = false, maximumBytes: Int = 256) -> String? {
        guard let value = value(name, required: required) else { return nil }
        return text(value, at: place(name), maximumBytes: maximumBytes)
    }

    /// An identifier as `IdentifierRules` has it.
    func identifier(_ name: String, required: Bool = false) -> String? {
        guard let value = value(name, required: required) else { return nil }
        return identifier(value, at: place(name))
    }

    /// A whole number within `range`.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.wholeNumber else {
            return wrongType(name, "a whole number", value)
        }
        guard range.contains(number) else {
            problems.add(place(name), "out_of_range", "must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// A number.
    func number(_ name: String) -> Double? {
        guard let value = value(name) else { return nil }
        return value.anyNumber ?? wrongType(name, "a number", value)
    }

    /// True or false.
    func flag(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else { return wrongType(name, "true or false", value) }
        return flag
    }

    /// A time in RFC 3339.
    func time(_ name: String) -> Timestamp? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { return wrongType(name, "a time as text (RFC 3339)", value) }
        if let time = Timestamp(rfc3339: text) { return time }
        problems.add(place(name), "invalid", "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)")
        return nil
    }

    /// A nested object.
    func object(_ name: String) -> ObjectReader? {
        value(name).map { ObjectReader($0, at: place(name), problems: problems) }
    }

    /// The elements of a list with their pointers.
    func elements(
        _ name: String, required: Bool = false, count: ClosedRange<Int>
    ) -> [(pointer: String, value: JSONValue)]? {
        guard let value = value(name, required: required) else { return nil }
        guard case .array(let list) = value else { return wrongType(name, "a list", value) }
        guard count.contains(list.count) else {
            let bounds = "from \(count.lowerBound) to \(count.upperBound) elements, not \(list.count)"
            problems.add(place(name), "out_of_range", "must be a list of \(bounds)")
            return nil
        }
        return list.enumerated().map { (JSONPointer.element($0.offset, of: place(name)), $0.element) }
    }

    /// A list of texts, each not empty.
    func texts(_ name: String, maximumCount: Int, maximumBytes: Int = 256) -> [String]? {
        elements(name, count: 0...maximumCount)?.compactMap {
            text($0.value, at: $0.pointer, maximumBytes: maximumBytes)
        }
    }

    /// The members of a free-form object with their pointers, in no order.
    func entries(_ name: String, maximumCount: Int) -> [(name: String, pointer: String, value: JSONValue)]? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { return wrongType(name, "an object", value) }
        guard members.count <= maximumCount else {
            problems.add(place(name), "out_of_range", "must have at most \(maximumCount) members")
            return nil
        }
        return members.map { ($0.name, JSONPointer.member($0.name, of: place(name)), $0.value) }
    }

    /// Adds a problem for each member that nothing has read; call it after all reads.
    func refuseUnknown() {
        for name in members.keys.sorted() where !known.contains(name) {
            let names = known.sorted().joined(separator: ", ")
            problems.add(place(name), "unknown_member", "is not known here; known are: \(names)")
        }
    }

    /// The pointer to member `name`.
    func place(_ name: String) -> String { JSONPointer.member(name, of: pointer) }
}

extension ObjectReader {
    func text(_ value: JSONValue, at pointer: String, maximumBytes: Int) -> String? {
        guard case .string(let text) = value else {
            problems.add(pointer, "wrong_type", "must be text, not \(value.kind)")
            return nil
        }
        if text.isEmpty {
            problems.add(pointer, "invalid", "must not be empty")
        } else if text.utf8.count > maximumBytes {
            problems.add(pointer, "too_long", "must have at most \(maximumBytes) bytes, not \(text.utf8.count)")
        } else {
            return text
        }
        return nil
    }

    func identifier(_ value: JSONValue, at pointer: String) -> String? {
        guard case .string(let text) = value else {
            problems.add(pointer, "wrong_type", "must be text, not \(value.kind)")
            return nil
        }
        guard let problem = IdentifierRules.problem(with: text) else { return text }
        problems.add(pointer, "invalid_identifier", problem)
        return nil
    }

    private func wrongType<Value>(_ name: String, _ wanted: String, _ value: JSONValue) -> Value? {
        problems.add(place(name), "wrong_type", "must be \(wanted), not \(value.kind)")
        return nil
    }
}

extension JSONValue {
    /// The value as a whole number; `20.0` is one too.
    var wholeNumber: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    var anyNumber: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
