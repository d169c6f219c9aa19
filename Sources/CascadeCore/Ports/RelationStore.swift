/// What users are related to, as it is kept; Postgres implements it.
package protocol RelationStore: Sendable {
    /// Writes a relation durably; returns true when it was new. One that is there keeps its time, where it has one.
    func put(_ relation: UserRelation) async throws -> Bool
    /// Removes a relation durably; returns false when there was none.
    func remove(_ kind: RelationKind, of user: UserID, to target: String) async throws -> Bool
    /// The relations of a user, sorted by the bytes of their targets, those behind `after`, at most `limit`.
    func relations(of user: UserID, kind: RelationKind, after: String?, limit: Int) async throws -> [UserRelation]
    /// The targets of a user's relations, the latest first and those without a time last, at most `limit`.
    func latestTargets(of user: UserID, kind: RelationKind, limit: Int) async throws -> [String]
}
