/// How an HNSW graph is built and searched. Decoding takes defaults for what is absent and checks the ranges.
package struct HNSWParameters: Equatable, Sendable, Codable {
    /// Links of a row on the upper levels; twice as many on the lowest. 2 to 256.
    package let m: Int
    /// Candidates that an insertion looks at. 4 to 10,000.
    package let efConstruction: Int
    /// Candidates that a search keeps where it names no effort of its own. 1 to 100,000.
    package let efSearch: Int
    /// What a search of the graph reads the rows as.
    package let storage: VectorStorage

    /// What suits embeddings of 32 to 128 components: recall@100 above 0.99 on clustered data.
    package static let standard = HNSWParameters(
        unchecked: 16, efConstruction: 100, efSearch: 128, storage: .float32)

    /// Checked parameters; throws `invalidParameter` with the name and range of the first that lies outside.
    package init(
        m: Int = 16, efConstruction: Int = 100, efSearch: Int = 128, storage: VectorStorage = .float32
    ) throws(IndexError) {
        try Self.check("m", m, in: 2...256)
        try Self.check("efConstruction", efConstruction, in: 4...10_000)
        try Self.check("efSearch", efSearch, in: 1...100_000)
        self.init(unchecked: m, efConstruction: efConstruction, efSearch: efSearch, storage: storage)
    }

    init(unchecked m: Int, efConstruction: Int, efSearch: Int, storage: VectorStorage) {
        self.m = m
        self.efConstruction = efConstruction
        self.efSearch = efSearch
        self.storage = storage
    }

    private enum CodingKeys: String, CodingKey {
        case m
        case efConstruction
        case efSearch
        case storage
    }

    /// Reads checked parameters; throws `IndexError.invalidParameter` or a decoding error.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let standard = Self.standard
        try self.init(
            m: values.decodeIfPresent(Int.self, forKey: .m) ?? standard.m,
            efConstruction: values.decodeIfPresent(Int.self, forKey: .efConstruction) ?? standard.efConstruction,
            efSearch: values.decodeIfPresent(Int.self, forKey: .efSearch) ?? standard.efSearch,
            storage: values.decodeIfPresent(VectorStorage.self, forKey: .storage) ?? standard.storage)
    }

    private static func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws(IndexError) {
        guard range.contains(value) else {
            let allowed = "from \(range.lowerBound) to \(range.upperBound)"
            throw .invalidParameter(name: name, value: "\(value)", allowed: allowed)
        }
    }
}
