import CascadeCore

/// Turns a slate into the items of an answer, with what the request includes.
struct SlateItems {
    let outcome: PipelineOutcome
    let sources: [any Source]
    let items: [ItemID: Item]

    func answered() -> [RecommendedItem] {
        let query = outcome.query
        let include = query.request.debug ? Set(RecommendRequest.Include.allCases) : query.request.include
        return outcome.slate.enumerated().map { position, candidate in
            let id = query.catalog.itemID(candidate.row)
            var item = RecommendedItem(itemID: id, position: position)
            if include.contains(.scores) {
                item.score = candidate.final.isFinite ? candidate.final : nil
                item.heads = outcome.heads(of: candidate)
                item.sources = candidate.sources
                item.propensity = candidate.propensity
            }
            if include.contains(.reasons) { item.reasons = reasons(of: candidate) }
            if include.contains(.attributes) { item.attributes = items[id] }
            return item
        }
    }

    /// The reasons of the sources that brought the item, each once, in the order of the settings.
    private func reasons(of candidate: Candidate) -> [Reason] {
        let cold = outcome.query.coldStart != nil
        var reasons: [Reason] = []
        for source in sources where candidate.sources.contains(where: { $0.name == source.name }) {
            let reason = cold ? source.fallbackReason : source.reason
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        if candidate.explored { reasons.append(.exploration) }
        return reasons
    }
}
