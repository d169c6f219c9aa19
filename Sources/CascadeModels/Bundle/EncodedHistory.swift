package import CascadeCore
package import CascadeFeatures

/// A user's past in the rows and codes of a release, oldest first; steps of items that it does not hold are left out.
package struct EncodedHistory: Sendable {
    private let items: [Int32]
    private let codes: [UInt8]
    private let times: [Int64]
    private let feedbackBits: UInt8

    /// - Parameter history: newest first.
    package init(_ history: [HistoryEntry], bundle: ModelBundle) {
        self.init(history, map: bundle.map) { bundle.rows.itemRow[$0] }
    }

    /// - Parameters:
    ///   - history: newest first.
    ///   - row: the row of an item, nil for one that is not known.
    package init(_ history: [HistoryEntry], map: FeatureMap, row: (ItemID) -> Int32?) {
        var items: [Int32] = []
        var codes: [UInt8] = []
        var times: [Int64] = []
        for entry in history.reversed() {
            guard let row = row(entry.itemID) else { continue }
            items.append(row)
            codes.append(map.historyCode(of: entry.signals, on: entry.surface))
            times.append(entry.at.microseconds)
        }
        self.items = items
        self.codes = codes
        self.times = times
        feedbackBits = UInt8(truncatingIfNeeded: 1 << map.historySignals.count - 1)
    }

    package var count: Int { items.count }

    /// Lends the past for the duration of `body`.
    package func lend<Result>(_ body: (HistorySlice) throws -> Result) rethrows -> Result {
        try HistorySlice.lend(items: items, codes: codes, times: times, feedbackBits: feedbackBits, body)
    }
}
