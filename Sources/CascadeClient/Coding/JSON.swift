extension CascadeClient {
    /// Any JSON value, for the parts of the interface that have no fixed form.
    public enum JSON: Hashable, Sendable {
        /// The value `null`.
        case null
        /// True or false.
        case bool(Bool)
        /// A number without fraction that fits 64 bits.
        case integer(Int64)
        /// Any other number.
        case number(Double)
        /// A text.
        case string(String)
        /// A list.
        case array([JSON])
        /// Members by their names.
        case object([String: JSON])

        /// The member `name`, or nil when there is none or this is no object.
        public subscript(_ name: String) -> JSON? {
            guard case .object(let members) = self else { return nil }
            return members[name]
        }

        /// The element `index`, or nil when there is none or this is no list.
        public subscript(_ index: Int) -> JSON? {
            guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
            return elements[index]
        }

        /// The text, or nil when this is none.
        public var text: String? {
            guard case .string(let text) = self else { return nil }
            return text
        }

        /// The number, whole or not, or nil when this is none.
        public var double: Double? {
            switch self {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        }

        /// Whether it is true, or nil when this is neither true nor false.
        public var flag: Bool? {
            guard case .bool(let flag) = self else { return nil }
            return flag
        }
    }
}

extension CascadeClient.JSON: Codable {
    /// Reads whatever is there.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let elements = try? container.decode([Self].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: Self].self))
        }
    }

    /// Writes the value; a number that is not finite cannot be written.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }
}

extension KeyedDecodingContainer {
    /// Free-form members that are null stay `JSON.null`, which tells them from those that are absent.
    ///
    /// The compiler prefers it to the general one wherever it makes the coding of a type of this module.
    func decodeIfPresent(_ type: CascadeClient.JSON.Type, forKey key: Key) throws -> CascadeClient.JSON? {
        contains(key) ? try decode(type, forKey: key) : nil
    }
}
