import CascadeCore

/// The candidates of a finished request in the order of its trace, with what the trace tells of each.
struct OutcomeCandidates: TraceColumnSource {
    private let candidates: [Candidate]
    /// How many of them are the slate.
    private let shown: Int
    private let catalog: any CatalogView
    let headNames: [String]

    /// - Parameters:
    ///   - all: of the request.
    ///   - headNames: those of the release, in whose order a candidate's probabilities are.
    init(_ all: [Candidate], slate: [Candidate], catalog: any CatalogView, headNames: [String]) {
        let shownRows = Set(slate.map(\.row))
        var rest: [Candidate] = []
        var removed: [Candidate] = []
        for candidate in all {
            if candidate.removal != nil {
                removed.append(candidate)
            } else if !shownRows.contains(candidate.row) {
                rest.append(candidate)
            }
        }
        candidates = slate + ScoreOrder.places(of: rest, by: \.final).map { rest[$0] } + removed
        shown = slate.count
        self.catalog = catalog
        self.headNames = headNames
    }

    var count: Int { candidates.count }

    func itemID(at place: Int) -> String { catalog.itemID(candidates[place].row).rawValue }
    func row(at place: Int) -> Int32? { candidates[place].row }
    func sources(at place: Int) -> [SourceMark] { candidates[place].sources }
    func removedBy(at place: Int) -> String? { candidates[place].removal?.by }
    func removedStage(at place: Int) -> StageKind? { candidates[place].removal?.stage }
    func position(at place: Int) -> Int? { place < shown ? place : nil }
    func propensity(at place: Int) -> Double? { place < shown ? candidates[place].propensity : nil }

    func creator(at place: Int) -> Int32? {
        let creator = candidates[place].creator
        return creator >= 0 ? creator : nil
    }

    func categories(at place: Int) -> ArraySlice<Int32>? {
        candidates[place].categories.isEmpty ? nil : candidates[place].categories
    }

    func retrievalScore(at place: Int) -> Float? {
        candidates[place].sources.first { $0.name == TwoTowerSource.key }?.score
    }

    func head(_ head: Int, at place: Int) -> Float? {
        let index = candidates[place].heads.startIndex + head
        guard index < candidates[place].heads.endIndex, candidates[place].heads[index].isFinite else { return nil }
        return candidates[place].heads[index]
    }

    func weightedScore(at place: Int) -> Double? { isScored(place) ? candidates[place].weighted : nil }
    func diversityMultiplier(at place: Int) -> Double? { isSelectable(place) ? candidates[place].multiplier : nil }
    func finalScore(at place: Int) -> Double? { isSelectable(place) ? candidates[place].final : nil }

    private func isScored(_ place: Int) -> Bool {
        candidates[place].tier != .unscored && candidates[place].weighted.isFinite
    }

    /// Whether it came to the selection: what a filter removed before never got a multiplier.
    private func isSelectable(_ place: Int) -> Bool {
        isScored(place) && candidates[place].removal?.stage != .filter
    }
}
