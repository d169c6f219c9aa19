extension CascadeClient {
    /// What a patch does with one member.
    public enum Change<Value> {
        /// The member stays as it is.
        case keep
        /// The member is cleared.
        case clear
        /// The member gets this value; where it is a dictionary, it is laid over what is there.
        case set(Value)
    }
}

extension CascadeClient.Change: Sendable where Value: Sendable {}
extension CascadeClient.Change: Equatable where Value: Equatable {}
extension CascadeClient.Change: Hashable where Value: Hashable {}

extension CascadeClient.Change: Encodable where Value: Encodable {
    /// Writes the value, or null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .keep, .clear: try container.encodeNil()
        case .set(let value): try container.encode(value)
        }
    }
}

extension CascadeClient.Change: Decodable where Value: Decodable {
    /// Reads the value, or that the member is cleared.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = container.decodeNil() ? .clear : .set(try container.decode(Value.self))
    }
}

// The compiler prefers these to the general ones wherever it makes the coding of a type of this module: only so can a
// member be left out.
extension KeyedEncodingContainer {
    mutating func encode<Value: Encodable>(_ change: CascadeClient.Change<Value>, forKey key: Key) throws {
        switch change {
        case .keep: break
        case .clear: try encodeNil(forKey: key)
        case .set(let value): try encode(value, forKey: key)
        }
    }
}

extension KeyedDecodingContainer {
    func decode<Value: Decodable>(
        _ type: CascadeClient.Change<Value>.Type, forKey key: Key
    ) throws -> CascadeClient.Change<Value> {
        guard contains(key) else { return .keep }
        return try decodeNil(forKey: key) ? .clear : .set(try decode(Value.self, forKey: key))
    }
}
