/// The values of a number in the training period, with how often the main signal was recorded and given beside each.
package struct NumberSamples: Sendable {
    /// Finite ones only.
    package private(set) var values: [Float] = []
    /// One a value: impressions that recorded the signal.
    package private(set) var recorded: [Float] = []
    /// One a value: those of them that gave it.
    package private(set) var given: [Float] = []

    package init() {}

    package init(_ values: [Float]) {
        for value in values { append(value, recorded: 0, given: 0) }
    }

    /// Adds a value; one that is missing is left out.
    package mutating func append(_ value: Float, recorded: Float, given: Float) {
        guard value.isFinite else { return }
        values.append(value)
        self.recorded.append(recorded)
        self.given.append(given)
    }

    /// Values at `bins` + 1 quantiles, equal ones merged; empty where all values are equal.
    ///
    /// - Complexity: O(n log n).
    func quantiles(bins: Int) -> [Float] {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last, first < last else { return [] }
        var edges: [Float] = []
        for step in 0...bins {
            let place = Double(step) / Double(bins) * Double(sorted.count - 1)
            let below = Int(place)
            let above = min(below + 1, sorted.count - 1)
            let value = sorted[below] + Float(place - Double(below)) * (sorted[above] - sorted[below])
            if edges.last.map({ value > $0 }) ?? true { edges.append(value) }
        }
        return edges.count < 2 ? [] : edges
    }
}
