/// What the candidates of a trace are told from, each at its place in the trace's order: the slate, then the rest by descending score,
/// then the removed ones. The members are those of `CandidateTrace`.
protocol TraceColumnSource {
    var count: Int { get }
    /// The names of `head(_:at:)`, each once.
    var headNames: [String] { get }

    func itemID(at place: Int) -> String
    func row(at place: Int) -> Int32?
    func creator(at place: Int) -> Int32?
    func categories(at place: Int) -> ArraySlice<Int32>?
    func sources(at place: Int) -> [SourceMark]
    func retrievalScore(at place: Int) -> Float?
    /// The value of the head at `head` in `headNames`; nil where there is none that can be told.
    func head(_ head: Int, at place: Int) -> Float?
    func weightedScore(at place: Int) -> Double?
    func diversityMultiplier(at place: Int) -> Double?
    func finalScore(at place: Int) -> Double?
    func position(at place: Int) -> Int?
    func removedBy(at place: Int) -> String?
    func removedStage(at place: Int) -> StageKind?
    func propensity(at place: Int) -> Double?
}

extension TraceColumnSource {
    /// All of them, as answers tell them.
    func traces() -> [CandidateTrace] {
        let heads = headNames
        return (0..<count).map { place in
            let told = heads.indices.filter { head($0, at: place) != nil }
            return CandidateTrace(
                itemID: itemID(at: place), row: row(at: place), creator: creator(at: place),
                categories: categories(at: place).map { Array($0) }, sources: sources(at: place),
                retrievalScore: retrievalScore(at: place),
                heads: NamedScores(names: told.map { heads[$0] }, values: told.compactMap { head($0, at: place) }[...]),
                weightedScore: weightedScore(at: place), diversityMultiplier: diversityMultiplier(at: place),
                finalScore: finalScore(at: place), position: position(at: place), removedBy: removedBy(at: place),
                removedStage: removedStage(at: place), propensity: propensity(at: place))
        }
    }
}
