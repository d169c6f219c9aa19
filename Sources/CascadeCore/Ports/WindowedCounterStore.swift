/// Asks for the counts of one key of one counter.
package struct CounterKey: Hashable, Sendable {
    /// The place of the counter in `WindowedCounters.counters`.
    package var counter: Int
    /// What `WindowedCounter.key` gives.
    package var key: String

    package init(counter: Int, key: String) {
        self.counter = counter
        self.key = key
    }

    /// Equal bytes, as the database compares them.
    package static func == (left: CounterKey, right: CounterKey) -> Bool {
        left.counter == right.counter && left.key.utf8.elementsEqual(right.key.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(counter)
        var copy = key
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// The counters over windows of time as they are kept up to date.
package protocol WindowedCounterStore: Sendable {
    /// The counts of each of `keys` before the second of `moment`: for each window of its counter `definition.stride`
    /// numbers.
    ///
    /// - Throws: where they cannot be read, also because the definition is not counted.
    func counts(_ keys: [CounterKey], of definition: WindowedCounters, at moment: Timestamp) async throws -> [[Int32]]
}
