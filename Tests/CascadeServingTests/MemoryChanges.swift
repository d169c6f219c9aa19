import CascadeCore
import Synchronization

/// A catalog in memory that is followed by the number of its writes.
final class MemoryChanges: CatalogChangeStore {
    private struct State {
        var log: [CatalogChange] = []
        var fails = false
        var vectors: [ItemVector] = []
        var declared = [VectorDefinition(name: "image", width: 3)]
        var asked: [ItemID] = []
        var reads: [UInt64?] = []
    }

    private struct Away: Error {}
    private let state = Mutex(State())

    var reads: [UInt64?] { state.withLock { $0.reads } }

    func write(_ change: CatalogChange) { state.withLock { $0.log.append(change) } }

    /// The items whose vectors were asked for, in order.
    var asked: [ItemID] { state.withLock { $0.asked } }

    func write(_ vector: ItemVector) { state.withLock { $0.vectors.append(vector) } }

    func removeVectors() { state.withLock { $0.vectors = [] } }

    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

    func changes(
        since cursor: CatalogCursor?, _ visit: @escaping @Sendable (CatalogChange) throws -> Void
    ) async throws -> CatalogCursor {
        let (log, fails) = state.withLock { state in
            state.reads.append(cursor?.position)
            return (state.log, state.fails)
        }
        // Each item once, as it is now.
        var known: Set<ItemID> = []
        let since = log.dropFirst(Int(cursor?.position ?? 0)).reversed().filter { known.insert(Self.id($0)).inserted }
        for change in since.reversed() { try visit(change) }
        if fails { throw Away() }
        return CatalogCursor(position: UInt64(log.count))
    }

    private static func id(_ change: CatalogChange) -> ItemID {
        switch change {
        case .put(let item): item.id
        case .deleted(let id): id
        }
    }

    func deletedItems() async throws -> [ItemID] { [] }

    func declare(_ kinds: [VectorDefinition]) { state.withLock { $0.declared = kinds } }

    func vectorDefinitions() async throws -> [VectorDefinition] { state.withLock { $0.declared } }

    func itemVectors(
        _ names: [String], of items: [ItemID]?, _ visit: @escaping @Sendable (ItemVector) throws -> Void
    ) async throws {
        let found = state.withLock { state in
            state.asked += items ?? []
            return state.vectors.filter { names.contains($0.name) && items?.contains($0.itemID) != false }
        }
        for vector in found { try visit(vector) }
    }
}
