extension LoggedSlate {
    /// A slate that was served, as its trace tells it, with the probabilities that another policy gives it.
    ///
    /// Both policies' probabilities are given the places before, so the log is for sequential or slate weights. The
    /// probabilities of the logging policy are computed anew and must be those that were recorded.
    ///
    /// - Parameters:
    ///   - rewards: by item; an item that is absent earned nothing.
    ///   - head: the head whose probability the reward model goes by; nil for none.
    package init(
        _ trace: PipelineTrace, target policy: ReplayPolicy, rewards: [String: Double], head: String?, unit: Int32
    ) throws(SlateReplay.Obstacle) {
        let logging = try ReplayCandidates(trace, ReplayPolicy())
        let target = try ReplayCandidates(trace, policy)
        var walks = (logging: logging.draw(), target: target.draw())
        let column = head.flatMap { logging.heads.firstIndex(of: $0) }
        var features: [Int32: Double] = [:]
        for entry in trace.candidates {
            guard let row = entry.row else { continue }
            features[row] = column == nil ? 1 : Double(entry.heads[head ?? ""] ?? 0)
        }
        self.init(unit: unit, places: [])
        var isReachable = true
        for entry in trace.candidates where entry.position != nil {
            guard let row = entry.row else { throw .olderVersion }
            let shown = walks.logging.choices()
            guard let recorded = entry.propensity,
                let own = shown.first(where: { walks.logging.order[$0.place].row == row }),
                abs(own.probability - recorded) <= 1e-6 * recorded
            else { throw .notReproduced }
            var place = LoggedPlace(
                reward: rewards[entry.itemID] ?? 0, logging: own.probability, target: 0,
                feature: features[row] ?? 0, expectedFeature: 0)
            if isReachable {
                let wanted = walks.target.choices()
                let possible = Set(shown.filter { $0.probability > 0 }.map { walks.logging.order[$0.place].row })
                for choice in wanted {
                    let other = walks.target.order[choice.place].row
                    place.expectedFeature += choice.probability * (features[other] ?? 0)
                    if !possible.contains(other) { place.unsupported += choice.probability }
                }
                let chosen = wanted.first { walks.target.order[$0.place].row == row }
                place.target = chosen?.probability ?? 0
                isReachable = place.target > 0
                if let chosen { walks.target.take(chosen.place) }
            }
            walks.logging.take(own.place)
            places.append(place)
        }
    }
}
