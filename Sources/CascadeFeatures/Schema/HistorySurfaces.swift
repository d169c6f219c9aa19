import CascadeCore

extension InteractionLog {
    /// The surfaces that most rows have, at most so many, the most frequent first; of equals the first by name.
    func frequentSurfaces(most count: Int) -> [String] {
        guard count > 0, !surface.isEmpty else { return [] }
        var rows = [Int](repeating: 0, count: surfaces.count)
        for place in surface where place > 0 { rows[Int(place) - 1] += 1 }
        return zip(surfaces, rows).filter { $1 > 0 }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(count).map(\.0)
    }
}

extension FeatureMap {
    /// The same map whose steps tell the first of `surfaces` apart: as many as a code has room for beside the signals.
    func reading(_ surfaces: [String]) -> FeatureMap {
        let room = 256 >> historySignals.count - 1
        var map = self
        map.historySurfaces = surfaces.isEmpty || room == 0 ? nil : Array(surfaces.prefix(room))
        return map
    }
}
