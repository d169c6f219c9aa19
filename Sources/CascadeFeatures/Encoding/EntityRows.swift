package import CascadeCore

/// The users and items of a run in their row order, with the way from identifiers to rows.
package struct EntityRows: Sendable {
    /// Sorted by identifier.
    package let users: [User]
    /// Sorted by identifier.
    package let items: [Item]
    package let userRow: [UserID: Int32]
    package let itemRow: [ItemID: Int32]

    /// Numbers `users` and `items`, and those that only `log` knows, by identifier.
    ///
    /// - Parameter catalogIsClosed: true leaves out items that only `log` knows, so that rows stay those of a release.
    package init(
        users: [User], items: [Item], log: InteractionLog = InteractionLog(), catalogIsClosed: Bool = false
    ) {
        let knownUsers = Set(users.map(\.id))
        let knownItems = Set(items.map(\.id))
        let allUsers = users + log.users.filter { !knownUsers.contains($0) }.map { User(id: $0) }
        let more = catalogIsClosed ? [] : log.items.filter { !knownItems.contains($0) }.map { Item(id: $0) }
        let allItems = items + more
        self.users = allUsers.sorted { $0.id < $1.id }
        self.items = allItems.sorted { $0.id < $1.id }
        userRow = Dictionary(uniqueKeysWithValues: self.users.enumerated().map { ($1.id, Int32($0)) })
        itemRow = Dictionary(uniqueKeysWithValues: self.items.enumerated().map { ($1.id, Int32($0)) })
    }
}
