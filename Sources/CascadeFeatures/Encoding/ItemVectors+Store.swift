package import CascadeCore
import Synchronization

extension ItemVectors {
    /// Takes vectors in on the thread that reads them.
    private final class Collector: Sendable {
        private let vectors: Mutex<ItemVectors>
        private let rows: [ItemID: Int]

        init(_ kinds: [VectorDefinition], _ items: [Item]) {
            vectors = Mutex(ItemVectors(kinds: kinds, count: items.count))
            rows = Dictionary(items.enumerated().map { ($1.id, $0) }) { first, _ in first }
        }

        func take(_ vector: ItemVector) {
            guard let row = rows[vector.itemID] else { return }
            vectors.withLock { $0.set(vector, row: row) }
        }

        var all: ItemVectors { vectors.withLock { $0 } }
    }

    /// Reads the vectors of `items`, whose order is that of the rows; vectors of a kind with another width are left out.
    package static func read(
        _ kinds: [VectorDefinition], of items: [Item], from store: any ItemVectorStore
    ) async throws -> ItemVectors {
        let collector = Collector(kinds, items)
        try await store.itemVectors(kinds.map(\.name), of: nil) { collector.take($0) }
        return collector.all
    }
}
