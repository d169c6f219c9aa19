import CascadeFeatures

/// How often each item was a target so far, as a share of all targets, by a count-min sketch in which old ones fade.
struct TargetSketch: Sendable {
    private var sketch: CountMinSketch

    /// An estimate exceeds the truth by more than `error` with a probability of at most `failure`.
    private static let error = 2e-5
    private static let failure = 0.01

    /// - Parameter epoch: targets of an epoch. The sketch is halved after as many, so that it holds one epoch to two.
    init(epoch: Int, seed: UInt64) throws(FeatureError) {
        sketch = try CountMinSketch(
            error: Self.error, failure: Self.failure, seed: seed,
            decay: CountMinSketch.Decay(factor: 0.5, interval: max(1, epoch)))
    }

    /// Counts targets, as rows of the catalog.
    mutating func add(_ items: some Collection<Int32>) {
        for item in items { sketch.add(UInt64(item)) }
    }

    /// The share of the targets that an item is, or more.
    func share(_ item: Int32) -> Double { sketch.share(UInt64(item)) }
}
