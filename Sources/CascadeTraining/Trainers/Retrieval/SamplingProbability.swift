import Foundation

/// Log of the probability that an item is among the columns of a worker:
/// `1 − (1 − q)^B (1 − 1/I)^N` for an item of share q among I, with B targets and N uniform draws.
struct SamplingProbability: Sendable {
    private let targets: Double
    /// Log of the probability that no uniform draw is the item.
    private let notDrawn: Double

    /// - Parameters:
    ///   - draws: N
    ///   - items: I
    ///   - targets: B
    init(draws: Int, items: Int, targets: Int) {
        self.targets = Double(targets)
        notDrawn = Double(draws) * log1p(-min(1 / Double(items), 0.999_999))
    }

    func log(share: Double) -> Float {
        let absent = targets * log1p(-min(share, 0.999_999)) + notDrawn
        return Float(Foundation.log(max(-expm1(absent), 1e-10)))
    }
}
