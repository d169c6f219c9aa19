package import CascadeCore
package import CascadeFeatures

/// Items that came or changed after a release was built, as its models read them.
///
/// Their rows follow those of the release: the first has row `firstRow`. A value is handed to the models of the bundle it
/// was made for, which themselves never change; appending to a copy leaves the original as it was.
package struct LaterItems: Sendable {
    /// In the order in which they were appended.
    package private(set) var items: [Item] = []
    /// The number of the release's own rows.
    package let firstRow: Int
    /// The counters of the release with these items behind its own.
    package private(set) var counters: CounterEncoder
    /// The content vectors of these items, by their places.
    package private(set) var vectors: ItemVectors
    private(set) var retrieval: EncodedEntities
    private(set) var ranker: EncodedEntities
    private let knows: @Sendable (Item) -> Bool
    private let retrievalEncoder: EntityEncoder
    private let rankerEncoder: EntityEncoder

    /// None so far.
    package init(bundle: ModelBundle) {
        firstRow = bundle.rows.items.count
        counters = bundle.counters
        vectors = ItemVectors(kinds: bundle.map.retrieval.items.vectors.map(\.definition), count: 0)
        knows = { [counters = bundle.counterSet] in counters.knows($0) }
        retrievalEncoder = EntityEncoder(layout: bundle.map.retrieval.items, table: bundle.map.retrieval.table)
        rankerEncoder = EntityEncoder(layout: bundle.map.ranker.items, table: bundle.map.ranker.table)
        retrieval = EncodedEntities(layout: bundle.map.retrieval.items)
        ranker = EncodedEntities(layout: bundle.map.ranker.items)
    }

    /// Entities that are no items of any catalog, as the ranker reads them: what an evaluation makes up.
    ///
    /// - Parameter towers: the same as the retrieval model reads them, of which the ranker may be told.
    package init(bundle: ModelBundle, ranker entities: EncodedEntities, towers: EncodedEntities) {
        self.init(bundle: bundle)
        ranker = entities
        retrieval = towers
    }

    /// The row behind the last one.
    package var endRow: Int { firstRow + items.count }

    /// Encodes more items behind the others.
    ///
    /// - Parameter content: their content vectors, in any order; kinds that the models do not read are left out, and of
    ///   an item that is there several times the last one gets them.
    package mutating func append(_ more: [Item], content: [ItemVector] = []) {
        let first = items.count
        items += more
        vectors.addRows(more.count)
        if !content.isEmpty {
            let places = Dictionary(more.enumerated().map { ($1.id, first + $0) }) { _, last in last }
            for vector in content { if let place = places[vector.itemID] { vectors.set(vector, row: place) } }
        }
        counters.append(more)
        retrievalEncoder.append(more, vectors: vectors, to: &retrieval, knows: knows)
        rankerEncoder.append(more, vectors: vectors, to: &ranker)
    }
}
