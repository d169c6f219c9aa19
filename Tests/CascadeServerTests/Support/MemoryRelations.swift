import CascadeCore

/// What users are related to, in memory.
actor MemoryRelations: RelationStore {
    private var all: [[String]: UserRelation] = [:]
    private var failure: (any Error)?

    func fail(with failure: (any Error)?) { self.failure = failure }

    func put(_ relation: UserRelation) throws -> Bool {
        if let failure { throw failure }
        let key = [relation.userID.rawValue, relation.kind.rawValue, relation.target]
        guard all[key] == nil else { return false }
        all[key] = relation
        return true
    }

    func remove(_ kind: RelationKind, of user: UserID, to target: String) throws -> Bool {
        if let failure { throw failure }
        return all.removeValue(forKey: [user.rawValue, kind.rawValue, target]) != nil
    }

    func relations(of user: UserID, kind: RelationKind, after: String?, limit: Int) throws -> [UserRelation] {
        if let failure { throw failure }
        let own = all.values.filter { $0.userID == user && $0.kind == kind && $0.target > after ?? "" }
        return Array(own.sorted { $0.target < $1.target }.prefix(limit))
    }

    func latestTargets(of user: UserID, kind: RelationKind, limit: Int) throws -> [String] { [] }
}
