import CascadeCore

/// A table's mapping on the columns of one of its files.
final class CompiledTable {
    let user: CompiledUser?
    let item: CompiledItem?
    let impression: CompiledImpression?
    let events: [CompiledEvent]
    let relations: [CompiledRelation]
    let filter: CompiledCondition?
    /// What the rows told of the kinds of attributes.
    let declared = DeclaredAttributes()

    init(_ table: TableMapping, _ resolver: ColumnResolver) {
        let declared = declared
        user = table.user.map { CompiledUser($0, resolver, declared) }
        item = table.item.map { CompiledItem($0, resolver, declared) }
        impression = table.impression.map { CompiledImpression($0, resolver) }
        events = (table.events ?? []).enumerated().map { CompiledEvent($1, ordinal: $0, resolver) }
        relations = (table.relations ?? []).map { CompiledRelation($0, resolver) }
        filter = table.filter.map { CompiledCondition($0, resolver) }
    }

    /// True when users and items come along with what they did, so that most rows repeat them.
    var repeatsEntities: Bool { impression != nil || !events.isEmpty || !relations.isEmpty }
}
