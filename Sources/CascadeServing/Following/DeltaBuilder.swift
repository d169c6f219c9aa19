import CascadeCore
import CascadeFeatures
import CascadeIndex
import CascadeModels
import CascadePipeline

/// Makes the delta of a release out of changes of the catalog, one after another.
///
/// Taking a change is cheap and may happen where rows are read; `delta` encodes and embeds what is new, for which it
/// should have been given the content vectors of the items that `lacksVectors` names. Taking the same change again
/// alters nothing.
struct DeltaBuilder: Sendable {
    /// The release whose catalog the changes are held against.
    let loaded: LoadedRelease
    /// Items of the delta that are served at most.
    let limit: Int

    /// What became of an item.
    private enum Fate: Hashable, Sendable {
        case hidden, deleted
        /// Served from this place of `items`.
        case row(Int)
    }

    private var fates: [ItemID: Fate] = [:]
    private var items: [Item] = []
    private var retired: Set<Int> = []
    private var later: LaterItems
    private var columns: CatalogColumns
    private var vectors: [Float] = []
    /// The kinds of content vectors that the models read.
    private let kinds: [VectorDefinition]
    /// Those of them that the catalog has as wide as the models read them; of the others it tells nothing.
    private var told: Set<String>
    /// Content vectors of items that are not encoded yet.
    private var content: [ItemVector] = []
    private var served = 0

    /// Items that found no room, in no order.
    private(set) var waiting: Set<ItemID> = []
    /// Items that the model gives no usable vector, such as for a number beyond all bounds.
    private(set) var unusable: [ItemID: Item] = [:]
    /// Grows with every alteration.
    private(set) var version = 0

    /// Gives the vectors of rows behind the release's own.
    private let embedding: @Sendable (LoadedRelease, Range<Int>, LaterItems) throws -> [Float]

    /// - Parameter embedding: what embeds; the item tower of the release.
    init(
        _ loaded: LoadedRelease, limit: Int,
        embedding: @escaping @Sendable (LoadedRelease, Range<Int>, LaterItems) throws -> [Float] = {
            try $0.bundle.retrieval.itemVectors(rows: $1, later: $2)
        }
    ) {
        self.loaded = loaded
        self.limit = limit
        self.embedding = embedding
        kinds = loaded.bundle.map.retrieval.items.vectors.map(\.definition)
        told = Set(kinds.map(\.name))
        later = LaterItems(bundle: loaded.bundle)
        columns = CatalogColumns(after: loaded.columns)
    }

    /// Whether items wait although there is room by now, so that all changes should be taken anew; not for every place that
    /// becomes free, since that reads the whole catalog.
    var hasRoomAgain: Bool { !waiting.isEmpty && served + max(1, limit / 20) <= limit }

    /// Takes in what happened to an item.
    mutating func take(_ change: CatalogChange) {
        switch change {
        case .deleted(let id): settle(id, released(id) == nil ? nil : .deleted)
        case .put(let item):
            let item = item.telling(told)
            let former = released(item.id)?.telling(told)
            if item == former { return settle(item.id, nil) }
            if item.hidden { return settle(item.id, former == nil ? nil : .hidden) }
            serve(item)
        }
    }

    /// Items that are not encoded yet and have content vectors which the models read.
    var lacksVectors: [ItemID] { items[later.items.count...].filter { $0.vectorsVersion != nil }.map(\.id) }

    /// Whether the models read content vectors.
    var readsVectors: Bool { !kinds.isEmpty }

    /// The kinds of content vectors to ask for, in no order.
    var vectorKinds: [String] { Array(told) }

    /// The kinds that the models read and the catalog has no more, or in another width, in order.
    var lostKinds: [String] { kinds.map(\.name).filter { !told.contains($0) } }

    /// Takes in which kinds the catalog has. True where that is news: then all of the catalog is to be taken again.
    ///
    /// Of a lost kind items keep what they show, so that deleting it changes none of them.
    mutating func take(_ declared: [VectorDefinition]) -> Bool {
        let former = told
        told = Set(kinds.filter(declared.contains).map(\.name))
        return told != former
    }

    /// Takes in content vectors of items that are not encoded yet.
    mutating func take(_ vectors: [ItemVector]) { content += vectors }

    private func released(_ id: ItemID) -> Item? {
        loaded.bundle.rows.itemRow[id].map { loaded.bundle.rows.items[Int($0)] }
    }

    private mutating func serve(_ item: Item) {
        if case .row(let place) = fates[item.id] {
            if items[place].telling(told) == item { return }
        } else if unusable[item.id] == item {
            return settle(item.id, nil)
        } else if served >= limit {
            // The row of the release, where there is one, is served until there is room.
            settle(item.id, nil)
            waiting.insert(item.id)
            return
        }
        if told.count < kinds.count { content += shown(item.id).filter { !told.contains($0.name) } }
        settle(item.id, .row(items.count))
        items.append(item)
    }

    /// The content vectors that an item is served by, where its place is encoded.
    private func shown(_ id: ItemID) -> [ItemVector] {
        if case .row(let place) = fates[id] {
            return place < later.items.count ? later.vectors.vectors(ofRow: place, id: id) : []
        }
        return loaded.bundle.rows.itemRow[id].map { loaded.bundle.vectors.vectors(ofRow: Int($0), id: id) } ?? []
    }

    /// Gives an item its fate, and its former row of the delta up; nil: it is as the release has it, or in neither.
    private mutating func settle(_ id: ItemID, _ fate: Fate?) {
        waiting.remove(id)
        let former = fates[id]
        guard former != fate else { return }
        if case .row(let place) = former {
            retired.insert(place)
            served -= 1
        }
        if case .row = fate {
            served += 1
            unusable[id] = nil
        }
        fates[id] = fate
        version += 1
    }

    /// Embeds what is new and gives the delta. Computes: O(catalog) for the lists, O(delta) for copies of what its items are
    /// encoded and embedded as, and the embedding of new items; content vectors are shared with the former delta.
    mutating func delta() throws -> CatalogDelta {
        if retired.count > max(1024, served) { compact() }
        try embed()
        let width = loaded.bundle.retrieval.dimension
        let first = Int32(loaded.count)
        var rows: [ItemID: Int32] = [:]
        var withdrawn: [Int32: Withdrawal] = [:]
        for (id, fate) in fates {
            if case .row(let place) = fate { rows[id] = first + Int32(place) }
            guard let row = loaded.bundle.rows.itemRow[id] else { continue }
            switch fate {
            case .hidden: withdrawn[row] = .hidden
            case .deleted: withdrawn[row] = .deleted
            case .row: withdrawn[row] = .replaced
            }
        }
        var blocked = loaded.hidden
        for row in withdrawn.keys { blocked.insert(row) }
        let order = DeltaOrder(loaded, blocked: blocked, withdrawn: withdrawn, rows: rows, items: items)
        return CatalogDelta(
            later: later, columns: columns, rows: rows,
            index: items.isEmpty ? nil : try FlatIndex(vectors: vectors, dimension: width), blocked: blocked,
            retired: RowSet(universe: items.count, rows: retired.map { Int32($0) }), withdrawn: withdrawn,
            popular: order.popular(), fresh: order.fresh(), creators: order.creators())
    }

    /// Encodes the items that were appended since the last time, and gives each its vector.
    private mutating func embed() throws {
        let start = later.items.count
        guard start < items.count else { return }
        let new = Array(items[start...])
        later.append(new, content: content)
        content = []
        columns.append(new)
        let width = loaded.bundle.retrieval.dimension
        var made = try embedding(loaded, (loaded.count + start)..<later.endRow, later)
        for (offset, item) in new.enumerated() {
            let range = (offset * width)..<((offset + 1) * width)
            if made[range].allSatisfy(\.isFinite) { continue }
            // The place is kept, so that places stay those of the encoded items, and never searched.
            made.replaceSubrange(range, with: repeatElement(0, count: width))
            guard fates[item.id] == .row(start + offset) else { continue }
            settle(item.id, nil)
            unusable[item.id] = item
        }
        vectors += made
    }

    /// Forgets places that are no longer served. Requests that run keep their own delta.
    private mutating func compact() {
        var kept: [Item] = []
        let encoded = later.items.count
        for (place, item) in items.enumerated() where !retired.contains(place) {
            fates[item.id] = .row(kept.count)
            if place < encoded { content += later.vectors.vectors(ofRow: place, id: item.id) }
            kept.append(item)
        }
        items = kept
        retired = []
        vectors = []
        later = LaterItems(bundle: loaded.bundle)
        columns = CatalogColumns(after: loaded.columns)
    }
}
