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
    private(set) var retrieval: EncodedEntities
    private(set) var ranker: EncodedEntities
    private let knows: @Sendable (Item) -> Bool
    private let retrievalEncoder: EntityEncoder
    private let rankerEncoder: EntityEncoder

    /// None so far.
    package init(bundle: ModelBundle) {
        firstRow = bundle.rows.items.count
        counters = bundle.counters
        knows = { [counters = bundle.counterSet] in counters.knows($0) }
        retrievalEncoder = EntityEncoder(layout: bundle.map.retrieval.items, table: bundle.map.retrieval.table)
        rankerEncoder = EntityEncoder(layout: bundle.map.ranker.items, table: bundle.map.ranker.table)
        retrieval = EncodedEntities(layout: bundle.map.retrieval.items)
        ranker = EncodedEntities(layout: bundle.map.ranker.items)
    }

    /// The row behind the last one.
    package var endRow: Int { firstRow + items.count }

    /// Encodes more items behind the others.
    package mutating func append(_ more: [Item]) {
        items += more
        counters.append(more)
        retrievalEncoder.append(more, to: &retrieval, knows: knows)
        rankerEncoder.append(more, to: &ranker)
    }
}
