/// The ends of an interval of a figure.
package struct ValueRange: Hashable, Sendable, Codable {
    package let low: Double
    package let high: Double

    package init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// `value` plus and minus so much.
    package init(around value: Double, _ deviation: Double) {
        self.init(low: value - deviation, high: value + deviation)
    }

    package func contains(_ value: Double) -> Bool { low <= value && value <= high }
}
