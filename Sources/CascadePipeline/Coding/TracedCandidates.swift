/// Reads the candidates of a trace: in columns, as `TraceColumns` writes them, or an object each, as answers and traces of earlier
/// versions hold them.
struct TracedCandidates: Decodable {
    let candidates: [CandidateTrace]

    init(from decoder: any Decoder) throws {
        if (try? decoder.unkeyedContainer()) != nil {
            candidates = try [CandidateTrace](from: decoder)
        } else {
            candidates = try Columns(from: decoder).candidates(decoder.codingPath)
        }
    }

    private struct Columns: Decodable {
        let itemID: [String]
        let row: [Int32?]?
        let creator: [Int32?]?
        let categories: [[Int32]?]?
        let sources: Sources
        let retrievalScore: [Float?]?
        let heads: [String: [Float?]]
        let weightedScore: [Double?]?
        let diversityMultiplier: [Double?]?
        let finalScore: [Double?]?
        let position: [Int?]?
        let removedBy: [String?]?
        let removedStage: [StageKind?]?
        let propensity: [Double?]?

        typealias CodingKeys = CandidateTrace.CodingKeys

        func candidates(_ path: [any CodingKey]) throws -> [CandidateTrace] {
            let numbers = [weightedScore, diversityMultiplier, finalScore, propensity].map { $0?.count ?? 0 }
            let codes = [row, creator].map { $0?.count ?? 0 }
            let scores = [retrievalScore ?? []].map(\.count) + heads.values.map(\.count)
            let others = [
                categories?.count ?? 0, position?.count ?? 0, removedBy?.count ?? 0, removedStage?.count ?? 0,
            ]
            let lengths: [Int] = numbers + codes + scores + others
            guard sources.marks.count == itemID.count, lengths.allSatisfy({ $0 <= itemID.count }) else {
                throw corrupted(path, "the lists of candidates are of different lengths")
            }
            let names = heads.keys.sorted()
            return try itemID.indices.map { place in
                let told = names.compactMap { name in Self.value(heads[name], place).map { (name, $0) } }
                return CandidateTrace(
                    itemID: itemID[place], row: Self.value(row, place), creator: Self.value(creator, place),
                    categories: Self.value(categories, place),
                    sources: try sources.marks[place].map { try $0.mark(sources.names, path) },
                    retrievalScore: Self.value(retrievalScore, place),
                    heads: NamedScores(names: told.map(\.0), values: told.map(\.1)[...]),
                    weightedScore: Self.value(weightedScore, place),
                    diversityMultiplier: Self.value(diversityMultiplier, place),
                    finalScore: Self.value(finalScore, place), position: Self.value(position, place),
                    removedBy: Self.value(removedBy, place), removedStage: Self.value(removedStage, place),
                    propensity: Self.value(propensity, place))
            }
        }

        private static func value<Value>(_ column: [Value?]?, _ place: Int) -> Value? {
            guard let column, place < column.count else { return nil }
            return column[place]
        }
    }

    private struct Sources: Decodable {
        let names: [String]
        let marks: [[Mark]]
    }

    private struct Mark: Decodable {
        let name: Int
        let rank: Int
        let score: Float
        let because: String?
        let interest: InterestMark?

        init(from decoder: any Decoder) throws {
            var members = try decoder.unkeyedContainer()
            name = try members.decode(Int.self)
            rank = try members.decode(Int.self)
            score = try members.decode(Float.self)
            because = try members.decodeIfPresent(String.self)
            interest = try members.decodeIfPresent(InterestMark.self)
        }

        func mark(_ names: [String], _ path: [any CodingKey]) throws -> SourceMark {
            guard names.indices.contains(name) else {
                throw corrupted(path, "a candidate is of source \(name) of \(names.count)")
            }
            return SourceMark(name: names[name], rank: rank, score: score, because: because, interest: interest)
        }
    }
}

private func corrupted(_ path: [any CodingKey], _ reason: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: reason))
}
