import CFaiss

/// The form in which a graph's search reads the rows while it looks for near ones.
///
/// The vectors themselves are kept beside it: they give the scores of what is found, the exact scans, and the graph.
package enum VectorStorage: String, Hashable, Sendable, Codable, CaseIterable {
    /// The vectors: 4 bytes a component.
    case float32
    /// The upper half of each float: 2 bytes a component more.
    case bfloat16
    /// One of 256 steps between the least and the greatest value of each component: 1 byte a component more.
    case int8

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let storage = Self(rawValue: text) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "there is no '\(text)'; known are \(known)")
        }
        self = storage
    }

    var native: Int32 {
        switch self {
        case .float32: Int32(CFAISS_FLOAT32)
        case .bfloat16: Int32(CFAISS_BFLOAT16)
        case .int8: Int32(CFAISS_INT8)
        }
    }

    init?(native: Int32) {
        guard let storage = Self.allCases.first(where: { $0.native == native }) else { return nil }
        self = storage
    }
}
