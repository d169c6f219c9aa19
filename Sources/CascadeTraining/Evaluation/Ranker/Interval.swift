/// A 95 % confidence interval.
package struct Interval: Sendable, Codable, Equatable {
    package let low: Double
    package let high: Double

    package init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// Between the 2.5th and the 97.5th percentile of a bootstrap's figures; nil where fewer than half of its draws have one.
    init?(draws: [Double?]) {
        let values = draws.compactMap { $0 }.sorted()
        guard values.count > 1, values.count * 2 >= draws.count else { return nil }
        func percentile(_ share: Double) -> Double {
            let place = share * Double(values.count - 1)
            let low = Int(place)
            let high = min(low + 1, values.count - 1)
            return values[low] + (place - Double(low)) * (values[high] - values[low])
        }
        self.init(low: percentile(0.025), high: percentile(0.975))
    }
}
