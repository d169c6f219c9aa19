import CascadeCore

/// What users asked never to see again, in memory.
actor MemoryHiddenItems: HiddenItemStore {
    private var all: [HiddenItem] = []
    private var failure: (any Error)?

    func fail(with failure: (any Error)?) { self.failure = failure }

    func put(_ wish: HiddenItem) throws -> Bool {
        if let failure { throw failure }
        if all.contains(where: { $0.userID == wish.userID && $0.itemID == wish.itemID }) { return false }
        all.append(wish)
        return true
    }

    func remove(_ item: ItemID, of user: UserID) throws -> Bool {
        if let failure { throw failure }
        let count = all.count
        all.removeAll { $0.userID == user && $0.itemID == item }
        return all.count < count
    }

    func hiddenItems(of user: UserID, after: ItemID?, limit: Int) throws -> [HiddenItem] {
        if let failure { throw failure }
        let own = all.filter { wish in wish.userID == user && after.map { $0 < wish.itemID } ?? true }
        return Array(own.sorted { $0.itemID < $1.itemID }.prefix(limit))
    }

    func latestHiddenItems(of user: UserID, limit: Int) -> [ItemID] { [] }
}

/// Answers with what it was told of a user, once.
actor MemoryEraser: UserEraser {
    private var known: [UserID: UserErasure] = [:]
    private var failure: (any Error)?

    func fail(with failure: (any Error)?) { self.failure = failure }

    func know(_ user: String, _ erasure: UserErasure) { known[UserID(user)] = erasure }

    func erase(_ user: UserID) throws -> UserErasure? {
        if let failure { throw failure }
        return known.removeValue(forKey: user)
    }
}
