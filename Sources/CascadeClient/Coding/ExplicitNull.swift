extension CascadeClient {
    /// A member that is always there and null where there is nothing to tell.
    @propertyWrapper
    public struct ExplicitNull<Value> {
        /// The value, or nil for null.
        public var wrappedValue: Value?

        /// Wraps a value, or nil.
        public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }
    }
}

extension CascadeClient.ExplicitNull: Sendable where Value: Sendable {}
extension CascadeClient.ExplicitNull: Equatable where Value: Equatable {}
extension CascadeClient.ExplicitNull: Hashable where Value: Hashable {}

extension CascadeClient.ExplicitNull: Encodable where Value: Encodable {
    /// Writes the value, or null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension CascadeClient.ExplicitNull: Decodable where Value: Decodable {
    /// Reads the value, or null.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }
}

extension KeyedDecodingContainer {
    /// A member that an older or newer server leaves out is as good as null.
    func decode<Value: Decodable>(
        _ type: CascadeClient.ExplicitNull<Value>.Type, forKey key: Key
    ) throws -> CascadeClient.ExplicitNull<Value> {
        CascadeClient.ExplicitNull(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
    }
}
