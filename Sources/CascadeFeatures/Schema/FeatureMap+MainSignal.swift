extension FeatureMap {
    /// The feedback that tells best what was wanted: the first head that histories tell apart, or the most frequent
    /// signal of a map without heads; nil where the log knew no feedback.
    package var mainSignal: String? { heads.first { historySignals.contains($0) } ?? historySignals.first }

    /// The bit of the main signal in the code of a history step.
    package var mainSignalBit: Int? { mainSignal.flatMap { historySignals.firstIndex(of: $0) } }
}
