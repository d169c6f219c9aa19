import CascadeCore

/// A relation on the columns of a file.
struct CompiledRelation {
    private let user: EntityKey
    private let kind: RelationKind
    private let target: Column
    private let time: TimeColumn?
    private let when: CompiledCondition?

    init(_ mapping: RelationMapping, _ resolver: ColumnResolver) {
        user = EntityKey(mapping.user, resolver)
        kind = mapping.kind
        target = resolver.column(mapping.target, required: true)
        time = mapping.time.map { TimeColumn($0, resolver, required: false) }
        when = mapping.when.map { CompiledCondition($0, resolver) }
    }

    /// The row's relation, or nil where it does not meet the condition.
    func build(_ record: RawRecord, number: Int, _ hasher: RowHasher) throws(RowProblem) -> UserRelation? {
        if let when, try when.test(record) != .yes { return nil }
        return UserRelation(
            userID: UserID(try user.value(record, hasher)), kind: kind, target: try target.identifier(record),
            since: try time?.value(record, number: number))
    }
}
