/// Where the tokens of a categorical feature lie in the table of its space, as it was fitted.
package struct FeatureTable: Hashable, Sendable, Codable {
    package var encoding: TableEncoding
    /// The first row.
    package var first: Int
    /// Rows from there on: of the feature alone, or of all that are `unified`.
    package var rows: Int
    /// The tokens that are told apart, others being rare; nil where all are.
    package var vocabulary: TokenVocabulary?

    package init(encoding: TableEncoding, first: Int, rows: Int, vocabulary: TokenVocabulary? = nil) {
        self.encoding = encoding
        self.first = first
        self.rows = rows
        self.vocabulary = vocabulary
    }

    /// Whether `feature` can be looked up in it within a table of `total` rows.
    func fits(_ feature: CategoricalFeature, total: Int) -> Bool {
        guard feature.lookups > 0, feature.summed > 0 else { return false }
        let tokens = vocabulary?.count ?? 0
        let least = encoding.minimumRows(chunks: feature.lookups, hashes: feature.summed, tokens: tokens)
        return first >= 0 && rows >= least && rows <= total && first <= total - rows
            && (vocabulary != nil || !encoding.needsVocabulary)
            && (feature.summed == 1 || encoding == .multiHashSum)
    }
}

/// Finds the rows of a feature's tokens; one is made for each feature of an encoder.
struct TokenLookup: Sendable {
    private let rows: any TokenRows
    private let vocabulary: TokenVocabulary?
    /// Rows a token.
    let width: Int

    init(_ feature: CategoricalFeature, _ table: FeatureTable) {
        rows = table.encoding.make(feature, table)
        vocabulary = table.vocabulary
        width = feature.rowsPerToken
    }

    /// Appends the rows of a token by its hash; nil is a missing one.
    func append(_ hash: UInt64?, to output: inout [Int32]) { rows.append(token(hash), to: &output) }

    /// False for a token that shares its rows with all rare ones.
    func knows(_ hash: UInt64) -> Bool { vocabulary.map { $0.place(of: hash) != nil } ?? true }

    private func token(_ hash: UInt64?) -> TableToken {
        guard let hash else { return .missing }
        guard let vocabulary else { return .known(hash, place: 0) }
        return vocabulary.place(of: hash).map { .known(hash, place: $0) } ?? .rare
    }
}
